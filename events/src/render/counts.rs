//! Events counted in cells: what every picture is made of.

use super::palette::{self, PERCENTILE};
use image::RgbImage;

/// For each cell of a grid, how many events of either polarity fell into it.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    width: usize,
    /// Row by row: of rising brightness, and of falling.
    cells: Vec<(u16, u16)>,
}

impl Counts {
    /// The caller has checked that the picture is not too large.
    pub(super) fn new(width: u32, height: u32) -> Self {
        Counts { width: width as usize, cells: vec![(0, 0); width as usize * height as usize] }
    }

    /// Counts an event in column `x` and row `y`, which must be on the grid.
    pub(super) fn add(&mut self, x: usize, y: usize, on: bool) {
        if let Some((rises, falls)) = self.cells.get_mut(y * self.width + x) {
            let count = if on { rises } else { falls };
            *count = count.saturating_add(1);
        }
    }

    /// Draws the cells, `wide` by `high` pixels each, the first at `left`, `top`.
    pub(super) fn draw(
        &self,
        picture: &mut RgbImage,
        (left, top): (u32, u32),
        (wide, high): (u32, u32),
        full: u16,
    ) {
        for (index, &(on, off)) in self.cells.iter().enumerate() {
            let (x, y) = ((index % self.width) as u32, (index / self.width) as u32);
            let colour = palette::colour(on, off, full);
            for pixel_y in 0..high {
                for pixel_x in 0..wide {
                    picture.put_pixel(left + x * wide + pixel_x, top + y * high + pixel_y, colour);
                }
            }
        }
    }
}

/// The events a cell at which the colours are at full strength: of all cells with events, [`PERCENTILE`] of a
/// hundred have as many or fewer.
pub(super) fn full<'a>(grids: impl IntoIterator<Item = &'a Counts>) -> u16 {
    let mut with_events = vec![0u64; usize::from(u16::MAX) + 1];
    for &(on, off) in grids.into_iter().flat_map(|grid| &grid.cells) {
        with_events[usize::from(on.saturating_add(off))] += 1;
    }
    with_events[0] = 0;
    let all: u64 = with_events.iter().sum();
    let mut seen = 0;
    let found = with_events.iter().position(|&cells| {
        seen += cells;
        cells > 0 && seen * 100 >= all * PERCENTILE
    });
    found.map_or(1, |events| events as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_that_never_rests_does_not_darken_the_others() {
        let mut counts = Counts::new(10, 10);
        assert_eq!(full([&counts]), 1);
        for place in 0..100 {
            counts.add(place % 10, place / 10, true);
            counts.add(place % 10, place / 10, false);
        }
        (0..70_000).for_each(|_| counts.add(3, 3, true));
        assert_eq!(full([&counts]), 2);
        assert_eq!(counts.cells[33], (u16::MAX, 1));
    }
}
