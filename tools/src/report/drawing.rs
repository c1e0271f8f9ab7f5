//! An SVG from a drawing, and what all drawings share: typeface, sizes, labels that keep clear of each other.

use maud::html;
use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, TextStyle};

/// What can go wrong in a drawing.
pub type DrawError = DrawingAreaErrorKind<std::io::Error>;

/// A part of a figure.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Height of a line of text, in pixels.
pub const LINE: i32 = 15;
/// The typeface: whatever the reader's is.
const FAMILY: &str = "sans-serif";
/// Size of text, in pixels.
const TEXT: f64 = 12.0;
/// The backend divides sizes by this.
const SCALE: f64 = 1.24;
/// Width of a character of text, in pixels, on the wide side.
const CHARACTER: i32 = 7;

/// Draws an SVG. What `draw` returns goes in as markup, on top: the way past the backend, which writes a tag
/// for every mark.
pub fn svg(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<String, DrawError>) -> String {
    let mut image = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut image, size).into_drawing_area();
        draw(&area).and_then(|markup| area.present().map(|()| markup))
    };
    match drawn {
        Ok(markup) => {
            let end = image.rfind("</svg>").unwrap_or(image.len());
            image.insert_str(end, &markup);
            image
        }
        // A report without a figure is worth more than none.
        Err(error) => html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(size.0) height="30" {
                text x="4" y="20" font-size="12" font-family=(FAMILY) {
                    "This figure could not be drawn: " (error)
                }
            }
        }
        .into_string(),
    }
}

/// Text of one colour, by default from its top left corner.
pub fn text(colour: RGBColor) -> TextStyle<'static> {
    (FAMILY, TEXT * SCALE).into_font().color(&colour.to_rgba())
}

/// Text from the middle of its left side.
pub fn beside(colour: RGBColor) -> TextStyle<'static> {
    text(colour).pos(Pos::new(HPos::Left, VPos::Center))
}

/// A heading.
pub fn heading(colour: RGBColor) -> TextStyle<'static> {
    (FAMILY, (TEXT + 2.0) * SCALE).into_font().color(&colour.to_rgba())
}

/// About how wide a text is, in pixels.
pub fn width(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX).saturating_mul(CHARACTER)
}

/// Moves labels apart to at least a line's height, keeping their order. None ends up below `lowest`.
pub fn spread(heights: &mut [i32], lowest: i32) {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by_key(|at| heights[*at]);
    let mut least = i32::MIN;
    for at in &order {
        heights[*at] = heights[*at].max(least);
        least = heights[*at].saturating_add(LINE);
    }
    let mut most = lowest;
    for at in order.iter().rev() {
        heights[*at] = heights[*at].min(most);
        most = heights[*at].saturating_sub(LINE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_keep_their_order() {
        let mut heights = [100, 20, 98, 101];
        spread(&mut heights, 110);
        assert_eq!(heights, [95, 20, 80, 110]);
        let mut clear = [10, 60, 200];
        spread(&mut clear, 300);
        assert_eq!(clear, [10, 60, 200]);
    }

    #[test]
    fn a_drawing_that_fails_says_so() {
        let image = svg((200, 100), |_| Err(DrawError::SharingError));
        assert!(image.contains("could not be drawn"), "{image}");
        assert!(image.starts_with("<svg") && image.ends_with("</svg>"), "{image}");
    }
}
