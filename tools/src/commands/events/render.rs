//! `events render`: a recording, to look at.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use events::recording::Tally;
use events::render::{Frames, Raster, Scale, View, png};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;

use super::interrupted;
use crate::cli::events::{Kind, Render};
use crate::commands::print_json;
use crate::interrupt::Interrupt;
use crate::pending::{Pending, publish};

/// Frames of a strip or a folder, where nothing else is said.
const FRAMES: u32 = 8;
/// The most frames of an animation, where nothing else is said: ten seconds at the usual speed.
const GIF_FRAMES: u32 = 250;
/// Steps of time in a raster.
const RASTER_STEPS: u32 = 1024;

/// Pixels that the longer side of a picture has, where nothing else is said: of several, and of one.
const SIDE_OF_MANY: u32 = 256;
const SIDE_OF_ONE: u32 = 512;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Drawn {
    /// The files that were written.
    pictures: Vec<String>,
    /// Frames, or a raster's steps of time.
    frames: u32,
    /// Events in the part that was drawn.
    events: u64,
    from_us: u64,
    /// The first microsecond that is not drawn.
    to_us: u64,
}

/// Runs `events render`.
pub fn run(command: &Render, interrupt: &Interrupt) -> Result<ExitCode> {
    let kind = command.kind.map_or_else(|| named(&command.out), Ok)?;
    if kind == Kind::Raster && command.frames.is_some() {
        return Err(miette!(
            help = "leave --frames out, or draw --as strip",
            "--frames of a raster: it has none"
        ));
    }
    if command.input.is_stdin() {
        return Err(miette!(
            help = "save it to a file first",
            "a recording is read twice to draw it, which standard input cannot be: wanted a file"
        ));
    }
    let mut tally = Tally::default();
    let mut opened = command.input.open()?;
    let counted = opened.each(interrupt, |events| {
        tally.add(events);
        Ok(())
    })?;
    if !counted {
        return Ok(interrupted());
    }
    let summary = tally.summary(opened.reader.header(), opened.reader.report());
    let whole = View::of(&summary).ok_or_else(|| {
        miette!(
            help = "`stop-fpga events info` says what is in it",
            "{} holds no events: there is nothing to draw",
            command.input.file
        )
    })?;
    let view = part(&whole, command.from, command.to)?;
    draw(command, kind, &view, interrupt)
}

/// What a file's extension asks for.
fn named(out: &Path) -> Result<Kind> {
    let extension = out.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("gif") => Ok(Kind::Gif),
        Some("png") => Ok(Kind::Strip),
        None => Ok(Kind::Frames),
        Some(_) => Err(miette!(
            help = "name it …png or …gif, or give --as",
            "--out {}: its extension is of no picture that is drawn",
            out.display()
        )),
    }
}

/// The part of a recording between two times after its first event.
fn part(whole: &View, from: Option<u64>, to: Option<u64>) -> Result<View> {
    let after = |us: Option<u64>| us.map(|us| whole.from_us.saturating_add(us));
    let view = View {
        from_us: after(from).unwrap_or(whole.from_us),
        to_us: after(to).unwrap_or(whole.to_us).min(whole.to_us),
        ..*whole
    };
    if view.from_us >= view.to_us {
        return Err(miette!(
            help = "give times within it, --from below --to",
            "nothing lies between --from and --to: the recording lasts {} s",
            (whole.to_us - whole.from_us) as f64 / 1e6
        ));
    }
    Ok(view)
}

fn draw(command: &Render, kind: Kind, view: &View, interrupt: &Interrupt) -> Result<ExitCode> {
    let duration_us = view.to_us - view.from_us;
    let number = command.frames.unwrap_or_else(|| match kind {
        Kind::Strip | Kind::Frames => FRAMES,
        Kind::Gif => {
            (duration_us.saturating_mul(command.fps.into()) / 1_000_000).clamp(1, GIF_FRAMES.into()) as u32
        }
        Kind::Raster => RASTER_STEPS,
    });
    let side = if matches!(kind, Kind::Strip | Kind::Raster) { SIDE_OF_MANY } else { SIDE_OF_ONE };
    let of_frames = if kind == Kind::Raster { 1 } else { number };
    let scale = command.scale.unwrap_or_else(|| Scale::towards(side, view, of_frames));
    let mut events_drawn = 0;
    let mut opened = command.input.open()?;
    let mut count = |events: &[events::Event]| {
        let drawn = events.iter().filter(|event| (view.from_us..view.to_us).contains(&event.t_us));
        events_drawn += drawn.count() as u64;
    };
    let pictures = if kind == Kind::Raster {
        let mut raster = Raster::new(view, number, scale).into_diagnostic()?;
        let whole = opened.each(interrupt, |events| {
            count(events);
            raster.add(events);
            Ok(())
        })?;
        if !whole {
            return Ok(interrupted());
        }
        write_png(&command.out, &png(&raster.picture()).into_diagnostic()?)?
    } else {
        let mut frames = Frames::new(view, number, scale).into_diagnostic()?;
        let whole = opened.each(interrupt, |events| {
            count(events);
            frames.add(events);
            Ok(())
        })?;
        if !whole {
            return Ok(interrupted());
        }
        match kind {
            Kind::Frames => write_folder(&command.out, &frames)?,
            Kind::Gif => write_gif(&command.out, &frames, command.fps)?,
            Kind::Strip | Kind::Raster => write_png(&command.out, &png(&frames.strip()).into_diagnostic()?)?,
        }
    };
    let View { from_us, to_us, .. } = *view;
    let drawn = Drawn { pictures, frames: number, events: events_drawn, from_us, to_us };
    if command.json {
        print_json(&drawn)?;
    } else {
        println!("{}: {} events in {} s", command.out.display(), drawn.events, duration_us as f64 / 1e6);
    }
    Ok(ExitCode::SUCCESS)
}

fn write_png(out: &Path, content: &[u8]) -> Result<Vec<String>> {
    write(out, |file| file.write_all(content).into_diagnostic())
}

fn write_gif(out: &Path, frames: &Frames, fps: u32) -> Result<Vec<String>> {
    write(out, |file| frames.gif(fps, file).into_diagnostic())
}

/// Writes a file whole or not at all.
fn write(out: &Path, content: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Vec<String>> {
    let name = out.display().to_string();
    let unwritable = || format!("cannot write {name}");
    let pending = Pending::create(out).into_diagnostic().wrap_err_with(unwritable)?;
    let mut file = BufWriter::new(pending.file());
    content(&mut file).wrap_err_with(unwritable)?;
    file.flush().into_diagnostic().wrap_err_with(unwritable)?;
    drop(file);
    pending.publish().into_diagnostic().wrap_err_with(unwritable)?;
    Ok(vec![name])
}

/// Writes `frame-000.png` and on into a folder, all or none.
fn write_folder(out: &Path, frames: &Frames) -> Result<Vec<String>> {
    let content = frames.pictures().map(|picture| png(&picture)).collect::<Result<Vec<_>, _>>();
    let content = content.into_diagnostic()?;
    std::fs::create_dir_all(out).into_diagnostic().wrap_err_with(|| format!("--out {}", out.display()))?;
    let names: Vec<String> = (0..content.len()).map(|number| format!("frame-{number:03}.png")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().map(String::as_str).zip(content.iter().map(Vec::as_slice)).collect();
    publish(out, &files).map_err(|(path, error)| miette!("cannot write {}: {error}", path.display()))?;
    Ok(names.iter().map(|name| out.join(name).display().to_string()).collect())
}
