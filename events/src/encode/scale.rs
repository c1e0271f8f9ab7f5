//! From a sensor's or image's side to a network's, for any ratio, in integers.

use std::ops::Range;

/// For each of `from` pixels along a side, the cells among `to` where its events spike.
///
/// Shrinking, pixel `p` falls into the cell `p * to / from`. Growing, it covers every cell `q` with
/// `q * from / to == p`. Either way each pixel has at least one cell and no cell stays unreachable.
pub(super) fn cells(from: u16, to: u16) -> Vec<Range<u32>> {
    let (from, to) = (u32::from(from), u32::from(to));
    (0..from)
        .map(|pixel| {
            if to <= from {
                let cell = pixel * to / from;
                cell..cell + 1
            } else {
                (pixel * to).div_ceil(from)..((pixel + 1) * to).div_ceil(from)
            }
        })
        .collect()
}

/// For each of `to` cells along a side, the pixels it covers: the first one, and how much of each.
///
/// A pixel is `to` long and a cell `from` long, so every cell's weights sum to `from`.
fn covers(from: u16, to: u16) -> Vec<(usize, Vec<u64>)> {
    let (from, to) = (u64::from(from), u64::from(to));
    (0..to)
        .map(|cell| {
            let (start, end) = (cell * from, (cell + 1) * from);
            let pixels = start / to..end.div_ceil(to);
            let weights =
                pixels.clone().map(|pixel| end.min((pixel + 1) * to) - start.max(pixel * to)).collect();
            (pixels.start as usize, weights)
        })
        .collect()
}

/// The mean brightness of the part of an image that each cell of a `to_height` × `to_width` grid covers,
/// rounded to the nearest integer. `pixels` are `width` a row. Growing by an integer repeats pixels.
pub(super) fn average(
    pixels: &[u8],
    (height, width): (u16, u16),
    (to_height, to_width): (u16, u16),
) -> Vec<u8> {
    let area = u64::from(height) * u64::from(width);
    let (rows, columns) = (covers(height, to_height), covers(width, to_width));
    let mut cells = Vec::with_capacity(rows.len() * columns.len());
    for (first_row, row_weights) in &rows {
        for (first_column, column_weights) in &columns {
            let mut sum = 0;
            for (y, row_weight) in (*first_row..).zip(row_weights) {
                let row = &pixels[y * usize::from(width) + first_column..][..column_weights.len()];
                let in_row: u64 = row.iter().zip(column_weights).map(|(&p, w)| u64::from(p) * w).sum();
                sum += row_weight * in_row;
            }
            cells.push(((sum + area / 2) / area) as u8);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pixels_fall_into_cells_when_shrinking_and_cover_them_when_growing() {
        assert_eq!(cells(4, 2), [0..1, 0..1, 1..2, 1..2]);
        assert_eq!(cells(3, 2), [0..1, 0..1, 1..2]);
        assert_eq!(cells(2, 4), [0..2, 2..4]);
        assert_eq!(cells(2, 3), [0..2, 2..3]);
    }

    #[test]
    fn brightness_is_averaged_over_the_area_covered() {
        let pixels = [0, 100, 50, 250];
        assert_eq!(average(&pixels, (2, 2), (2, 2)), pixels);
        assert_eq!(average(&pixels, (2, 2), (1, 1)), [100]);
        assert_eq!(average(&pixels, (2, 2), (2, 4)), [0, 0, 100, 100, 50, 50, 250, 250]);
        // The middle of three cells covers half of each of the two pixels.
        assert_eq!(average(&[0, 100], (1, 2), (1, 3)), [0, 50, 100]);
        assert_eq!(average(&[0, 30, 60], (1, 3), (1, 2)), [10, 50]);
    }

    proptest! {
        #[test]
        fn cells_follow_one_another_and_reach_the_end(from in 1u16..300, to in 1u16..300) {
            let cells = cells(from, to);
            prop_assert_eq!(cells.len(), usize::from(from));
            prop_assert_eq!(cells[0].start, 0);
            prop_assert_eq!(cells[cells.len() - 1].end, u32::from(to));
            for pair in cells.windows(2) {
                prop_assert!(!pair[0].is_empty());
                prop_assert!(pair[1].start == pair[0].end || pair[1] == pair[0]);
            }
        }

        #[test]
        fn an_even_image_stays_even(
            value: u8, height in 1u16..40, width in 1u16..40, to_height in 1u16..40, to_width in 1u16..40,
        ) {
            let pixels = vec![value; usize::from(height) * usize::from(width)];
            let cells = average(&pixels, (height, width), (to_height, to_width));
            prop_assert_eq!(cells, vec![value; usize::from(to_height) * usize::from(to_width)]);
        }
    }
}
