//! What label folders are called in this data set and in that.

use crate::recording::Sensor;

/// What label folders are called, and what lies in them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) classes: Classes,
    /// Of every recording, whatever its file says; else that which the file states.
    pub(super) sensor: Option<Sensor>,
    /// Whether files come in the order of the last number in their names instead of that of the names.
    pub(super) by_number: bool,
    /// Whether a file belongs to the part that is asked for, by the last number in its name.
    pub(super) takes: fn(u64) -> bool,
}

/// What the names of label folders mean.
#[derive(Clone, Copy, Debug)]
pub(super) enum Classes {
    /// They are the labels.
    Numbered,
    /// They are these and no others, the labels their positions here.
    Named(&'static [&'static str]),
    /// The labels are their positions among all names in the order of their bytes.
    Sorted,
}

/// The layout of a folder that nothing more is known of.
pub(super) const NUMBERED: Layout =
    Layout { classes: Classes::Numbered, sensor: None, by_number: false, takes: |_| true };

/// The last number in a file's name, without the extension.
pub(super) fn number_in(file_name: &str) -> u64 {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let end = stem.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let digits = &end[end.trim_end_matches(|letter: char| letter.is_ascii_digit()).len()..];
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_name_counts() {
        let numbers = ["image_0012.bin", "obj_000345_td.dat", "cifar10_cat_7.aedat", "7.bs2", "none.bin"];
        assert_eq!(numbers.map(number_in), [12, 345, 7, 7, 0]);
    }
}
