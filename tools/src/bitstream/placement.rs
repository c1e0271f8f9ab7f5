//! The placement as a picture: the die from above, each cell in its place, coloured by its unit of the datapath.

use std::collections::BTreeMap;
use std::fmt::Write;

use maud::{PreEscaped, html};
use sim::netlist::names::unit;
use sim::toolchain::Tool;
use sim::toolchain::nextpnr::Part;
use sim::toolchain::placement::PlacedCell;

use crate::report::numbers::grouped;
use crate::report::palette::{self, INK, MUTED, PAPER, RULE, hex};

/// The side of a tile in the units of the drawing: the slots of a tile divide it.
const TILE: u32 = 16;
/// Width of the picture, of which the legend takes a part, in pixels.
const WIDTH: u32 = 880;
const LEGEND: u32 = 170;
/// Height of a line of the legend.
const LINE: u32 = 20;
/// Largest height of the die, in pixels.
const TALLEST: u32 = 760;

/// How many placed cells each unit of the datapath has: logic, memories, multipliers.
pub fn units(cells: &[PlacedCell]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for cell in cells.iter().filter(|cell| shape(cell).is_some()) {
        *counts.entry(unit(&cell.name).to_owned()).or_default() += 1;
    }
    counts
}

/// The units, the one with the most cells first.
fn by_size(cells: &[PlacedCell]) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = units(cells).into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// A rectangle of a cell, in units of the drawing, its tile's lower left corner at 0: left, bottom, width, height.
type Shape = [u32; 4];

/// What is drawn of a cell; nothing of what is neither logic nor a memory nor a multiplier.
fn shape(cell: &PlacedCell) -> Option<Shape> {
    // An iCE40's block RAM has two tiles above each other, a multiplier four.
    let block = |tiles: u32| Some([1, 1, TILE - 2, tiles * TILE - 2]);
    match &cell.kind[..] {
        "ICESTORM_LC" => {
            let at: u32 = cell.slot.strip_prefix("lc")?.parse().ok()?;
            Some(slot(at / 4, at % 4, 2))
        }
        "TRELLIS_COMB" | "TRELLIS_FF" => {
            // SLICEA.K0 to SLICED.FF1: a row a slice, its two LUTs before its two flip-flops.
            let (slice, within) = cell.slot.strip_prefix("SLICE")?.split_once('.')?;
            let row = u32::from(*slice.as_bytes().first()?).checked_sub(u32::from(b'A'))?;
            let lut = within.strip_prefix('K').and_then(|at| at.parse().ok());
            let flip_flop = within.strip_prefix("FF").and_then(|at| at.parse::<u32>().ok());
            Some(slot(lut.or(flip_flop.map(|at| at + 2))?, row, 4))
        }
        "ICESTORM_RAM" => block(2),
        "ICESTORM_DSP" => block(4),
        "ICESTORM_SPRAM" => {
            // Two share a tile at the corner.
            let at: u32 = cell.slot.rsplit('_').next()?.parse().ok()?;
            Some([1, 1 + (at % 2) * TILE / 2, TILE - 2, TILE / 2 - 2])
        }
        // An ECP5's block RAM has two beside each other, a multiplier one.
        "DP16KD" => Some([1, 1, 2 * TILE - 2, TILE - 2]),
        "MULT18X18D" => block(1),
        _ => None,
    }
}

/// The shape in a column and a row of a tile that has so many columns and four rows, with a gap to the next.
fn slot(column: u32, row: u32, columns: u32) -> Shape {
    let (width, height) = (TILE / columns, TILE / 4);
    [column * width, row * height, width - 1, height - 1]
}

/// An SVG of the die, with a line from tile to tile along `path`; `None` where no cell has a place that is known.
///
/// With `background` for a file of its own, which cannot know on what it is shown.
pub fn picture(part: Part, cells: &[PlacedCell], path: &[[i32; 2]], background: bool) -> Option<String> {
    let units = by_size(cells);
    let drawn = || cells.iter().filter_map(|cell| Some((cell, shape(cell)?)));
    let columns = drawn().map(|(cell, [left, _, width, _])| cell.x + (left + width) / TILE).max()? + 1;
    let rows = drawn().map(|(cell, [_, bottom, _, height])| cell.y + (bottom + height) / TILE).max()? + 1;
    // An iCE40 counts its rows from the bottom, an ECP5 from the top.
    let upward = part.tool() == Tool::NextpnrIce40;
    let mut paths: BTreeMap<usize, String> = BTreeMap::new();
    for (cell, [left, bottom, width, height]) in drawn() {
        let at = units.iter().position(|(unit_, _)| *unit_ == unit(&cell.name)).unwrap_or(usize::MAX);
        let x = cell.x * TILE + left;
        let top = |row: u32| row * TILE + TILE - bottom - height;
        let y =
            if upward { (rows * TILE).saturating_sub(cell.y * TILE + bottom + height) } else { top(cell.y) };
        let path = paths.entry(at.min(palette::UNITS)).or_default();
        // Writing into a String does not fail.
        let _ = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
    }
    let middle = |[x, y]: &[i32; 2]| {
        let tile = |at: f64| at * f64::from(TILE) + f64::from(TILE) / 2.0;
        let row = if upward { f64::from(rows) - 1.0 - f64::from(*y) } else { f64::from(*y) };
        format!("{},{}", tile(f64::from(*x)), tile(row))
    };
    let line = path.iter().map(middle).collect::<Vec<_>>().join(" ");
    let die = (columns * TILE, rows * TILE);
    let across = WIDTH - LEGEND;
    let scale = (f64::from(across) / f64::from(die.0)).min(f64::from(TALLEST) / f64::from(die.1));
    let wide = (f64::from(die.0) * scale).round();
    let tall = (f64::from(die.1) * scale).round() as u32;
    let rest: u64 = units.iter().skip(palette::UNITS).map(|(_, count)| count).sum();
    let named = units.iter().take(palette::UNITS).map(|(name, count)| (&name[..], *count));
    let legend: Vec<(&str, u64)> = named.chain((rest > 0).then_some(("the rest", rest))).collect();
    let lines = u32::try_from(legend.len()).unwrap_or(u32::MAX).saturating_add(1) * LINE;
    let height = tall.max(lines) + 2;
    Some(
        html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(WIDTH) height=(height) viewBox={ "0 0 " (WIDTH) " " (height) } {
                @if background { rect width="100%" height="100%" fill=(hex(PAPER)) {} }
                g transform={ "translate(1 1) scale(" (format!("{scale:.4}")) ")" } {
                    rect width=(die.0) height=(die.1) fill="none" stroke=(hex(RULE)) stroke-width="2" {}
                    @for (at, path) in &paths { path fill=(hex(palette::unit(*at))) d=(path) {} }
                    @if !line.is_empty() {
                        polyline points=(line) fill="none" stroke=(hex(PAPER)) stroke-width="9" stroke-linejoin="round" {}
                        polyline points=(line) fill="none" stroke=(hex(INK)) stroke-width="4" stroke-linejoin="round" {}
                    }
                }
                g font-family="sans-serif" font-size="12" transform={ "translate(" (wide + 16.0) " 4)" } {
                    @for (at, (name, count)) in legend.iter().enumerate() {
                        @let y = at * LINE as usize;
                        rect x="0" y=(y) width="12" height="12" fill=(hex(palette::unit(at))) {}
                        text x="18" y=(y + 10) fill=(hex(INK)) { (name) }
                        text x="150" y=(y + 10) text-anchor="end" fill=(hex(MUTED)) { (PreEscaped(grouped((*count).into()))) }
                    }
                }
            }
        }
        .into_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(name: &str, kind: &str, x: u32, y: u32, slot: &str) -> PlacedCell {
        let [name, kind, slot] = [name, kind, slot].map(str::to_owned);
        PlacedCell { name, kind, x, y, slot }
    }

    #[test]
    fn each_cell_is_in_its_place_in_the_colour_of_its_unit() {
        let cells = [
            cell("core.engine.lanes.lanes_0.a", "ICESTORM_LC", 0, 0, "lc0"),
            cell("core.engine.lanes.lanes_0.b", "ICESTORM_LC", 0, 0, "lc7"),
            cell("core.link.receiver.ring", "ICESTORM_RAM", 1, 0, "ram"),
            cell("clock_pin$sb_io", "SB_IO", 9, 9, "io0"),
        ];
        assert_eq!(by_size(&cells), [("lanes".to_owned(), 2), ("link".to_owned(), 1)]);
        let image = picture(Part::Up5kSg48, &cells, &[[0, 0], [1, 1]], true).unwrap();
        // Two rows of tiles: the first cell at the bottom left, the eighth in the second column of the same tile, at its top.
        let lanes = format!("fill=\"{}\" d=\"M0 29h7v3h-7zM8 17h7v3h-7z\"", hex(palette::unit(0)));
        assert!(image.contains(&lanes), "{image}");
        let link = format!("fill=\"{}\" d=\"M17 1h14v30h-14z\"", hex(palette::unit(1)));
        assert!(image.contains(&link), "{image}");
        // The path leads from the first tile at the bottom to the one above and beside it.
        assert!(image.contains("points=\"8,24 24,8\""), "{image}");
        assert!(image.contains(">lanes</text>") && !image.contains("the rest"), "{image}");
        assert_eq!(picture(Part::Up5kSg48, &cells[3..], &[], true), None);
    }

    #[test]
    fn an_ecp5_counts_its_rows_from_the_top() {
        let cells = [
            cell("core.engine.walk.list.a", "TRELLIS_COMB", 0, 0, "SLICEA.K1"),
            cell("core.engine.walk.list.b", "TRELLIS_FF", 0, 1, "SLICED.FF0"),
        ];
        let image = picture(Part::Ecp5With25k, &cells, &[], false).unwrap();
        assert!(!image.contains("polyline"), "{image}");
        assert!(image.contains("d=\"M4 13h3v3h-3zM8 17h3v3h-3z\""), "{image}");
    }
}
