//! Where nextpnr has put the cells.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A cell in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedCell {
    /// Its name, with the path of its instance before it: `core.engine.lanes.…`.
    pub name: String,
    /// Its kind, as in the utilisation: `ICESTORM_LC`, `TRELLIS_COMB` ...
    pub kind: String,
    /// Column of its tile.
    pub x: u32,
    /// Row of its tile, from the bottom in an iCE40, from the top in an ECP5.
    pub y: u32,
    /// Its place in the tile: `lc0` to `lc7`, `ram`; `SLICEA.K0`, `SLICED.FF1` ...
    pub slot: String,
}

#[derive(Deserialize)]
struct Written {
    modules: BTreeMap<String, Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    cells: BTreeMap<String, Cell>,
}

#[derive(Deserialize)]
struct Cell {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
struct Attributes {
    #[serde(rename = "NEXTPNR_BEL")]
    place: Option<String>,
}

/// The cells of what nextpnr wrote with `--write`, in the order of their names. Those without a place that is known are left out.
pub(super) fn placement(text: &str) -> Result<Vec<PlacedCell>, serde_json::Error> {
    let written: Written = serde_json::from_str(text)?;
    let cells = written.modules.into_values().flat_map(|module| module.cells);
    Ok(cells
        .filter_map(|(name, cell)| {
            let (x, y, slot) = place(cell.attributes.place.as_deref()?)?;
            Some(PlacedCell { name, kind: cell.kind, x, y, slot: slot.to_owned() })
        })
        .collect())
}

/// `X12/Y5/lc3`: column, row, slot.
fn place(name: &str) -> Option<(u32, u32, &str)> {
    let (column, rest) = name.strip_prefix('X')?.split_once("/Y")?;
    let (row, slot) = rest.split_once('/')?;
    Some((column.parse().ok()?, row.parse().ok()?, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_where_its_attribute_says() {
        let text = r#"{"creator": "nextpnr", "modules": {"top": {"settings": {}, "cells": {
            "core.lanes.a": {"type": "ICESTORM_LC", "attributes": {"NEXTPNR_BEL": "X12/Y5/lc3", "src": "a.v:1"}},
            "b": {"type": "ICESTORM_RAM", "attributes": {"NEXTPNR_BEL": "nowhere"}},
            "c": {"type": "GND"}}}}}"#;
        let cell = PlacedCell {
            name: "core.lanes.a".to_owned(),
            kind: "ICESTORM_LC".to_owned(),
            x: 12,
            y: 5,
            slot: "lc3".to_owned(),
        };
        assert_eq!(placement(text).unwrap(), [cell]);
        assert!(placement("{}").is_err());
    }
}
