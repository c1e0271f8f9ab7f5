//! Colours by role, for light and dark.
//!
//! Figures are drawn in the light colours. Where the reader prefers dark, style rules of the page repaint
//! them: a rule goes before an SVG attribute.

use std::fmt::Write;

use plotters::style::RGBColor;

/// Text and marks of no series.
pub const INK: RGBColor = RGBColor(0x1B, 0x1B, 0x1B);
/// Units, tick labels, remarks.
pub const MUTED: RGBColor = RGBColor(0x5A, 0x5F, 0x66);
/// Axes and grid.
pub const RULE: RGBColor = RGBColor(0xD0, 0xD3, 0xD8);
/// A picture's own background.
pub const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

// Okabe and Ito's colours, told apart with every common colour vision.
/// What is right, or the first of several.
pub const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// What is wrong, or the second of several.
pub const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);
const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
const REST: RGBColor = RGBColor(0xA0, 0xA4, 0xAA);
const YELLOW: RGBColor = RGBColor(0xF0, 0xE4, 0x42);

/// Colours of the layers, in order and then over again.
const LAYERS: [RGBColor; 6] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY];

/// Colours of the datapath's units, the largest unit's first.
const DATAPATH: [RGBColor; UNITS] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK];
/// Units that have a colour of their own.
pub const UNITS: usize = 7;

/// Each colour that is not readable on a dark page, with the one that takes its place.
const DARK: [(RGBColor, RGBColor); 5] = [
    (INK, RGBColor(0xEC, 0xEA, 0xE6)),
    (MUTED, RGBColor(0xA9, 0xAE, 0xB5)),
    (RULE, RGBColor(0x41, 0x46, 0x4D)),
    (BLUE, SKY),
    (SKY, YELLOW),
];

/// The colour of a layer, counted from the first that learns.
pub fn layer(index: usize) -> RGBColor {
    LAYERS[index % LAYERS.len()]
}

/// The colour of a unit of the datapath, the largest first; all that come after have one.
pub fn unit(index: usize) -> RGBColor {
    DATAPATH.get(index).copied().unwrap_or(REST)
}

/// A colour as the drawing backend writes it; the rules of [`dark_rules`] must match it to the letter.
pub fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// The rules that repaint figures on a dark page.
pub fn dark_rules() -> String {
    let mut rules = String::from("@media (prefers-color-scheme: dark) {\n");
    for (light, dark) in DARK {
        let (light, dark) = (hex(light), hex(dark));
        for attribute in ["fill", "stroke"] {
            // Writing into a String does not fail.
            let _ = writeln!(rules, "svg [{attribute}=\"{light}\"] {{ {attribute}: {dark} }}");
        }
    }
    rules.push_str("}\n");
    rules
}
