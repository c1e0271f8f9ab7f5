//! A list of recordings and their labels, as CSV: the files may lie anywhere, and a label may be that of a part.
//!
//! ```text
//! file,label,start_us,end_us
//! user01.aedat,0,80048239,85092709
//! "wave, left hand.es",1,,
//! ```

use super::kept::Kept;
use super::labelled::{MAX_FILE_BYTES, MAX_FILES, item};
use super::{Found, Loaded, Progress};
use crate::bounded;
use crate::error::Error;
use crate::item::Item;
use csv::{ReaderBuilder, StringRecord, Trim};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The most bytes a list may have.
const MAX_LIST_BYTES: usize = 64 << 20;

/// The most bytes of its first line.
const MAX_HEADER_BYTES: u64 = 4096;

const COLUMNS: &str = "the columns file and label, and perhaps start_us and end_us";

/// Whether the first line names the columns of such a list.
pub(super) fn recognised(path: &Path) -> Result<bool, Error> {
    let fail = |cause| Error::Io { path: path.display().to_string(), cause };
    let mut line = Vec::new();
    BufReader::new(File::open(path).map_err(fail)?.take(MAX_HEADER_BYTES))
        .read_until(b'\n', &mut line)
        .map_err(fail)?;
    let line = String::from_utf8_lossy(&line);
    let columns: Vec<_> = line.trim_start_matches('\u{feff}').split(',').map(column).collect();
    Ok(columns.contains(&"file") && columns.contains(&"label"))
}

/// A column's name without spaces and quotation marks.
fn column(name: &str) -> &str {
    name.trim().trim_matches('"')
}

/// A line of a list.
struct Row {
    line: u64,
    file: PathBuf,
    label: u16,
    part_us: Option<Range<u64>>,
}

/// Reads the first `limit` lines' recordings.
pub(super) fn load(list: &Path, limit: usize) -> Result<Loaded, Error> {
    let mut files = Files::default();
    let (mut items, mut classes) = (Vec::new(), 0);
    let mut kept = Kept::new(list.display().to_string());
    for row in rows(list)? {
        let row = row?;
        classes = classes.max(row.label + 1);
        if items.len() < limit {
            let item = files.item(list, &row)?;
            kept.add(&item)?;
            items.push(item);
        }
    }
    Ok(Loaded { items, classes })
}

/// Shows every line's recording to `visit`; returns the number of classes.
pub(super) fn walk(list: &Path, visit: &mut dyn FnMut(Found, Progress)) -> Result<u16, Error> {
    let rows = rows(list)?;
    let (mut files, mut classes) = (Files::default(), 0);
    let all = rows.len();
    for (at, row) in rows.into_iter().enumerate() {
        let item = row.and_then(|row| {
            classes = classes.max(row.label + 1);
            files.item(list, &row)
        });
        visit(item.map_or_else(Found::Wrong, Found::Item), Progress { done: at + 1, all });
    }
    Ok(classes)
}

/// The lines of a list, each as it is or with what is wrong with it.
///
/// # Errors
/// A list that cannot be read, without the columns, without lines or with too many.
fn rows(list: &Path) -> Result<Vec<Result<Row, Error>>, Error> {
    let path = list.display().to_string();
    let file = File::open(list).map_err(|cause| Error::Io { path: path.clone(), cause })?;
    let bytes = bounded::read_to_end(file, &path, MAX_LIST_BYTES)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
    let wrong =
        |line: u64, problem: String, wanted| Error::LabelList { path: path.clone(), line, problem, wanted };
    let header = reader.headers().map_err(|error| wrong(1, error.to_string(), COLUMNS))?.clone();
    let place = |name: &str| header.iter().position(|column| column == name);
    let (Some(file), Some(label)) = (place("file"), place("label")) else {
        return Err(wrong(1, "it does not name its columns".into(), COLUMNS));
    };
    let part = match (place("start_us"), place("end_us")) {
        (None, None) => None,
        (Some(start), Some(end)) => Some((start, end)),
        _ => return Err(wrong(1, "of start_us and end_us only one is there".into(), COLUMNS)),
    };
    let folder = list.parent().unwrap_or(Path::new(""));
    let mut rows = Vec::new();
    for record in reader.records() {
        if rows.len() == MAX_FILES {
            return Err(Error::TooManyFiles { root: path.clone(), limit: MAX_FILES });
        }
        rows.push(match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                row(&record, folder, (file, label), part)
                    .map(|row| Row { line, ..row })
                    .map_err(|(problem, wanted)| wrong(line, problem, wanted))
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Err(wrong(line, error.to_string(), "as many values as columns, in UTF-8"))
            }
        });
    }
    if rows.is_empty() { Err(Error::NoRecordings { root: path.clone() }) } else { Ok(rows) }
}

fn row(
    record: &StringRecord,
    folder: &Path,
    (file, label): (usize, usize),
    part: Option<(usize, usize)>,
) -> Result<Row, (String, &'static str)> {
    let value = |at: usize| record.get(at).unwrap_or_default();
    if value(file).is_empty() {
        return Err(("it names no file".into(), "a path, from the list's folder on"));
    }
    let number = |at: usize| {
        let wanted = "microseconds, or neither start_us nor end_us for the whole recording";
        let wrong = |_| (format!("`{}` is no time", value(at)), wanted);
        value(at).parse::<u64>().map_err(wrong)
    };
    let part_us = match part {
        Some((start, end)) if !value(start).is_empty() || !value(end).is_empty() => {
            let part = number(start)?..number(end)?;
            if part.is_empty() {
                let seen = format!("the part from {} to {} µs has no length", part.start, part.end);
                return Err((seen, "an end after the start"));
            }
            Some(part)
        }
        _ => None,
    };
    let label = value(label)
        .parse()
        .ok()
        .filter(|&label: &u16| label < u16::MAX)
        .ok_or_else(|| (format!("the label `{}` is no number of a class", value(label)), "0 to 65534"))?;
    Ok(Row { line: 0, file: folder.join(value(file)), label, part_us })
}

/// The file that was read last: lists name the parts of a recording one after the other.
#[derive(Default)]
struct Files {
    last: Option<(PathBuf, Item)>,
}

impl Files {
    fn item(&mut self, list: &Path, row: &Row) -> Result<Item, Error> {
        let name = row.file.display().to_string();
        let whole = match &self.last {
            Some((path, item)) if *path == row.file => item,
            _ => {
                let file = File::open(&row.file).map_err(|cause| Error::Io { path: name.clone(), cause })?;
                let bytes = bounded::read_to_end(file, &name, MAX_FILE_BYTES)?;
                let item = item(&name, row.label, bytes, None)?;
                &self.last.insert((row.file.clone(), item)).1
            }
        };
        match (whole, &row.part_us) {
            (Item::Recording(whole), Some(part)) => {
                let mut recording = whole.part(part.clone());
                recording.label = row.label;
                if recording.events.is_empty() {
                    return Err(Error::NoEvents { name: recording.name });
                }
                Ok(Item::Recording(recording))
            }
            (_, Some(_)) => Err(Error::LabelList {
                path: list.display().to_string(),
                line: row.line,
                problem: format!("`{name}` is an image, which has no parts"),
                wanted: "neither start_us nor end_us",
            }),
            (Item::Recording(whole), None) => {
                Ok(Item::Recording(crate::item::Recording { label: row.label, ..whole.clone() }))
            }
            (Item::Image(image), None) => {
                Ok(Item::Image(crate::item::Image { label: row.label, ..image.clone() }))
            }
            (Item::Spikes(sample), None) => Ok(Item::Spikes(sample.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(list: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("wave, left")).unwrap();
        std::fs::write(folder.path().join("a.txt"), "t,x@3,y@2,on\n5,2,1,1\n7,0,0,0\n9,1,1,1\n").unwrap();
        std::fs::write(folder.path().join("wave, left/b.bin"), [0, 0, 0, 0, 1]).unwrap();
        std::fs::write(folder.path().join("labels.csv"), list).unwrap();
        folder
    }

    fn loaded(list: &str, limit: usize) -> Loaded {
        load(&folder(list).path().join("labels.csv"), limit).unwrap()
    }

    fn message(list: &str) -> String {
        load(&folder(list).path().join("labels.csv"), usize::MAX).err().unwrap().to_string()
    }

    #[test]
    fn files_and_parts_of_them_have_the_labels_of_their_lines() {
        let list = "\u{feff}label, start_us,end_us, file\n4,,,\"wave, left/b.bin\"\n2,5,8,a.txt\n0,8,20,a.txt\n6,,,a.txt\n";
        let Loaded { items, classes } = loaded(list, usize::MAX);
        assert_eq!(classes, 7);
        let seen: Vec<_> = items
            .iter()
            .map(|item| match item {
                Item::Recording(r) => (r.label, r.events.len(), r.window_us.clone()),
                _ => panic!("no recording"),
            })
            .collect();
        assert_eq!(seen, [(4, 1, None), (2, 2, Some(5..8)), (0, 1, Some(8..20)), (6, 3, None)]);
        let first = loaded(list, 1);
        assert_eq!((first.items.len(), first.classes), (1, 7), "the source's classes");
        assert!(first.items[0] != items[1] && items[0].label() == first.items[0].label());
    }

    #[test]
    fn lists_are_recognised_by_their_columns() {
        let seen = |list: &str| recognised(&folder(list).path().join("labels.csv")).unwrap();
        assert!(seen("file,label\n") && seen("\"label\" , \"file\"\r\n") && seen("\u{feff}file,label,more"));
        assert!(!seen("t,x,y,on\n") && !seen("") && !seen("\u{0}\u{1}file"));
    }

    #[test]
    fn mistakes_name_their_line() {
        for (list, said) in [
            ("file,label\nb.bin,x\n", "line 2: the label `x` is no number of a class; wanted 0 to 65534"),
            ("file,label\n\"a.txt\",1\na.txt,65535\n", "line 3: the label `65535`"),
            ("file,label\n,1\n", "line 2: it names no file"),
            ("file,label\na.txt\n", "line 2: "),
            ("file,label\ngone.bin,1\n", "gone.bin`"),
            ("file,label\n", "no recordings"),
            ("file,label,start_us\na.txt,1,5\n", "line 1: of start_us and end_us only one"),
            ("file,label,start_us,end_us\na.txt,1,5,\n", "line 2: `` is no time"),
            ("file,label,start_us,end_us\na.txt,1,8,8\n", "line 2: the part from 8 to 8 µs has no length"),
            ("file,label,start_us,end_us\na.txt,1,70,80\n", "holds no events"),
            ("a,b\n1,2\n", "line 1: it does not name its columns"),
        ] {
            let seen = message(list);
            assert!(seen.contains(said), "{seen}");
        }
    }
}
