//! From brightness to spikes: by rate, by time, or by what changes as the image moves.

use super::{Encoding, scale};
use crate::error::Error;
use crate::item::Image;
use crate::spikes::SpikeTrain;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::fmt;
use std::str::FromStr;

/// How a pixel of brightness `p` spikes. The codes `regular` and `rate` spike at the mean rate `p / 256` a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ImageCode {
    /// Evenly: an accumulator that starts at a random phase gains `p` a step and spikes when it overflows
    /// 256. In T steps a pixel spikes `T * p / 256` times, rounded up or down.
    #[default]
    Regular,
    /// At random: in each step with probability `p / 256`, independently of the other steps.
    Rate,
    /// Once, the sooner the brighter: in step `(255 - p) * T / 255` of T, rounded down, but in the last at the
    /// latest. A black pixel never spikes.
    Latency,
    /// As an event camera would see it: the image moves by a pixel a step around a square of 1x1 (right, down,
    /// left, up), and an input spikes when its brightness changes by [`DIFFERENCE_THRESHOLD`] or more. With 2 channels
    /// falls spike in channel 0 and rises in channel 1; with one, both in it. The first step is silent.
    Difference,
}

impl ImageCode {
    /// All of them.
    pub const ALL: [ImageCode; 4] =
        [ImageCode::Regular, ImageCode::Rate, ImageCode::Latency, ImageCode::Difference];
}

/// The change of brightness, of 255, from which [`ImageCode::Difference`] spikes.
pub const DIFFERENCE_THRESHOLD: u8 = 32;

impl fmt::Display for ImageCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImageCode::Regular => "regular",
            ImageCode::Rate => "rate",
            ImageCode::Latency => "latency",
            ImageCode::Difference => "difference",
        })
    }
}

impl FromStr for ImageCode {
    type Err = Error;

    /// Reads `regular`, `rate`, `latency` or `difference`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = ImageCode::ALL.into_iter().find(|code| code.to_string() == text);
        found.ok_or_else(|| Error::ImageCodeText { seen: text.into() })
    }
}

/// Codes the image, scaled to the network's height and width. The random numbers are the ChaCha8 stream
/// number `index` of the encoding's seed.
pub(super) fn code(image: &Image, index: usize, encoding: &Encoding) -> Result<SpikeTrain, Error> {
    image.check()?;
    match encoding.image_code {
        ImageCode::Latency => return latency(&scaled(image, encoding)?, encoding.steps),
        ImageCode::Difference => return difference(image, encoding),
        ImageCode::Regular | ImageCode::Rate => {}
    }
    let rates = scaled(image, encoding)?;
    let mut random = ChaCha8Rng::seed_from_u64(encoding.seed);
    random.set_stream(index as u64);

    let mut train = SpikeTrain::with_capacity(rates.len() as u32, encoding.steps.into());
    let mut state = vec![0u8; rates.len()];
    random.fill_bytes(&mut state);
    for _ in 0..encoding.steps {
        match encoding.image_code {
            ImageCode::Latency | ImageCode::Difference => {}
            ImageCode::Regular => {
                let spikes = state.iter_mut().zip(&rates).map(|(phase, &rate)| {
                    let (next, spike) = phase.overflowing_add(rate);
                    *phase = next;
                    spike
                });
                train.push_step(indices(spikes))?;
            }
            ImageCode::Rate => {
                train.push_step(indices(state.iter().zip(&rates).map(|(draw, rate)| draw < rate)))?;
                random.fill_bytes(&mut state);
            }
        }
    }
    Ok(train)
}

/// Each pixel once, the sooner the brighter.
fn latency(brightness: &[u8], steps: u16) -> Result<SpikeTrain, Error> {
    let mut train = SpikeTrain::with_capacity(brightness.len() as u32, steps.into());
    let step_of = |pixel: u8| (u32::from(255 - pixel) * u32::from(steps) / 255).min(u32::from(steps) - 1);
    for step in 0..u32::from(steps) {
        train.push_step(indices(brightness.iter().map(|&pixel| pixel > 0 && step_of(pixel) == step)))?;
    }
    Ok(train)
}

/// What changes as the image moves around a square. Beyond its border it goes on as at it.
fn difference(image: &Image, encoding: &Encoding) -> Result<SpikeTrain, Error> {
    let shape = encoding.shape;
    let (height, width) = (usize::from(shape.height), usize::from(shape.width));
    if shape.is_flat() || shape.channels > 2 {
        return Err(Error::DifferenceShape { shape });
    }
    let pixels = scale::average(&image.grey(), (image.height, image.width), (shape.height, shape.width));
    let moved = |(right, down): (usize, usize)| -> Vec<u8> {
        let source = |y: usize, x: usize| pixels[y.saturating_sub(down) * width + x.saturating_sub(right)];
        (0..height * width).map(|place| source(place / width, place % width)).collect()
    };
    let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(moved);
    let mut train = SpikeTrain::with_capacity(shape.inputs() as u32, encoding.steps.into());
    for step in 0..usize::from(encoding.steps) {
        let (before, now) = (&corners[step.saturating_sub(1) % 4], &corners[step % 4]);
        let change = before.iter().zip(now).map(|(&before, &now)| (before, now));
        let falls = change.clone().map(|(before, now)| before.saturating_sub(now) >= DIFFERENCE_THRESHOLD);
        let rises = change.map(|(before, now)| now.saturating_sub(before) >= DIFFERENCE_THRESHOLD);
        if shape.channels == 2 {
            train.push_step(indices(falls.chain(rises)))?;
        } else {
            train.push_step(indices(falls.zip(rises).map(|(fall, rise)| fall | rise)))?;
        }
    }
    Ok(train)
}

/// The positions of the spikes.
fn indices(spikes: impl Iterator<Item = bool>) -> impl Iterator<Item = u32> {
    (0u32..).zip(spikes).filter_map(|(index, spike)| spike.then_some(index))
}

/// The brightness at each input of the network: of the image in grey if it has one channel, else of red, green and
/// blue.
fn scaled(image: &Image, encoding: &Encoding) -> Result<Vec<u8>, Error> {
    let (shape, colour) = (encoding.shape, image.channels == 3);
    let Image { width, height, .. } = *image;
    if shape.is_flat() {
        let pixels = usize::from(width) * usize::from(height);
        return match shape.inputs() {
            inputs if inputs == pixels => Ok(image.grey().into_owned()),
            inputs if inputs == image.pixels.len() => Ok(image.pixels.clone()),
            seen => Err(Error::FlatImage { seen, width, height, colour }),
        };
    }
    let scale = |pixels: &[u8]| scale::average(pixels, (height, width), (shape.height, shape.width));
    match shape.channels {
        1 => Ok(scale(&image.grey())),
        3 if colour => Ok(image.pixels.chunks(image.pixels.len() / 3).flat_map(scale).collect()),
        _ => Err(Error::ImageChannels { shape, colour }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoding(shape: &str, steps: u16, image_code: ImageCode) -> Encoding {
        Encoding { shape: shape.parse().unwrap(), steps, seed: 7, image_code }
    }

    fn image(width: u16, pixels: Vec<u8>) -> Image {
        Image { label: 3, width, height: pixels.len() as u16 / width, channels: 1, pixels }
    }

    fn counts(train: &SpikeTrain) -> Vec<u32> {
        let mut counts = vec![0; train.inputs() as usize];
        train.iter().flatten().for_each(|&index| counts[index as usize] += 1);
        counts
    }

    #[test]
    fn rate_spikes_with_the_probability_of_the_brightness() {
        let image = image(256, (0..=255).collect());
        let counts = counts(&code(&image, 0, &encoding("256", 10_000, ImageCode::Rate)).unwrap());
        for (brightness, &count) in counts.iter().enumerate() {
            let wanted = 10_000.0 * brightness as f64 / 256.0;
            // Six standard deviations of a binomial count are at most 300.
            assert!((f64::from(count) - wanted).abs() < 300.0, "{brightness}: {count}");
        }
        assert_eq!(counts[0], 0);
    }

    #[test]
    fn the_same_seed_and_index_give_the_same_spikes_and_others_do_not() {
        let image = image(28, vec![128; 784]);
        for image_code in [ImageCode::Rate, ImageCode::Regular] {
            let encoding = encoding("784", 8, image_code);
            let train = code(&image, 5, &encoding).unwrap();
            assert_eq!(train, code(&image, 5, &encoding).unwrap());
            assert_ne!(train, code(&image, 6, &encoding).unwrap());
            assert_ne!(train, code(&image, 5, &Encoding { seed: 8, ..encoding }).unwrap());
        }
    }

    #[test]
    fn the_random_numbers_are_pinned() {
        let image = image(8, vec![100; 8]);
        let rate = code(&image, 1, &encoding("8", 3, ImageCode::Rate)).unwrap();
        let regular = code(&image, 1, &encoding("8", 3, ImageCode::Regular)).unwrap();
        let text = format!("{:?} {:?}", rate.iter().collect::<Vec<_>>(), regular.iter().collect::<Vec<_>>());
        assert_eq!(text, "[[4], [0, 1, 3, 5, 6, 7], [0]] [[0, 1, 2, 3, 5, 6, 7], [], [2, 4, 5, 6, 7]]");
    }

    #[test]
    fn images_are_scaled_unless_the_input_is_flat() {
        let image = image(2, vec![0, 255, 0, 255]);
        let always = |train: SpikeTrain| counts(&train).iter().map(|&n| n > 0).collect::<Vec<_>>();
        let wide = code(&image, 0, &encoding("1x2x4", 64, ImageCode::Regular)).unwrap();
        assert_eq!(always(wide), [false, false, true, true, false, false, true, true]);
        let flat = code(&image, 0, &encoding("4", 64, ImageCode::Regular)).unwrap();
        assert_eq!(always(flat), [false, true, false, true]);
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let image = image(28, vec![0; 784]);
        let error = |shape| code(&image, 0, &encoding(shape, 1, ImageCode::Rate)).unwrap_err().to_string();
        let message = error("2x28x28");
        assert!(message.contains("2x28x28") && message.contains("1xHxW"), "{message}");
        let message = error("578");
        assert!(message.contains("578") && message.contains("784"), "{message}");
    }

    #[test]
    fn three_channels_are_red_green_and_blue_and_one_is_grey() {
        // Two rows: red, and black; green a half, and blue.
        let pixels = vec![255, 0, 0, 0, 0, 0, 127, 0, 0, 0, 0, 255];
        let colours = Image { label: 0, width: 2, height: 2, channels: 3, pixels };
        let first = |shape: &str, image_code| {
            let train = code(&colours, 0, &encoding(shape, 2, image_code)).unwrap();
            (train.step(0).to_vec(), train.step(1).to_vec())
        };
        assert_eq!(first("3x2x2", ImageCode::Latency), (vec![0, 11], vec![6]));
        assert_eq!(first("12", ImageCode::Latency), first("3x2x2", ImageCode::Latency));
        // Grey, red is 76, green 75 and blue 28: all below half.
        assert_eq!(first("1x2x2", ImageCode::Latency), (vec![], vec![0, 2, 3]));
        assert_eq!(first("4", ImageCode::Latency), first("1x2x2", ImageCode::Latency));
        // Scaled, each channel by itself.
        let small = code(&colours, 0, &encoding("3x1x2", 255, ImageCode::Regular)).unwrap();
        let spikes = counts(&small);
        assert!(
            [(0, 127), (2, 64), (5, 127)].iter().all(|&(input, wanted)| spikes[input].abs_diff(wanted) <= 1)
        );
        assert_eq!((spikes[1], spikes[3], spikes[4]), (0, 0, 0));
        assert!(code(&colours, 0, &encoding("3x2x2", 9, ImageCode::Rate)).unwrap().spikes() > 0);

        let message = code(&colours, 0, &encoding("2x2x2", 1, ImageCode::Rate)).unwrap_err().to_string();
        assert!(message.contains("in colour") && message.contains("3xHxW"), "{message}");
        let message = code(&colours, 0, &encoding("5", 1, ImageCode::Rate)).unwrap_err().to_string();
        assert!(message.contains("4 (grey) or 12 (colour)"), "{message}");
        let grey = image(2, vec![0; 4]);
        let message = code(&grey, 0, &encoding("3x2x2", 1, ImageCode::Rate)).unwrap_err().to_string();
        assert!(message.contains("in grey") && !message.contains("3xHxW"), "{message}");
    }

    #[test]
    fn latency_spikes_once_and_the_brightest_first() {
        let image = image(6, vec![0, 1, 63, 64, 254, 255]);
        let train = code(&image, 0, &encoding("6", 4, ImageCode::Latency)).unwrap();
        assert_eq!(train.iter().collect::<Vec<_>>(), [&[4, 5][..], &[], &[3], &[1, 2]]);
        let once = code(&image, 0, &encoding("6", 1, ImageCode::Latency)).unwrap();
        assert_eq!(once.step(0), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn difference_spikes_where_the_moving_image_changes() {
        // A bright column in the middle of three, moving right, down, left, up.
        let image = image(3, vec![0, 200, 0, 0, 200, 0]);
        let train = code(&image, 0, &encoding("2x2x3", 5, ImageCode::Difference)).unwrap();
        let steps: Vec<_> = train.iter().collect();
        assert_eq!(steps, [&[][..], &[1, 4, 8, 11], &[], &[2, 5, 7, 10], &[]]);
        let merged = code(&image, 0, &encoding("1x2x3", 2, ImageCode::Difference)).unwrap();
        assert_eq!(merged.step(1), [1, 2, 4, 5]);
        let message = code(&image, 0, &encoding("6", 2, ImageCode::Difference)).unwrap_err().to_string();
        assert!(message.contains("2xHxW"), "{message}");
        // Below the threshold nothing spikes.
        let dim = super::tests::image(3, vec![0, 31, 0, 0, 31, 0]);
        assert_eq!(code(&dim, 0, &encoding("2x2x3", 9, ImageCode::Difference)).unwrap().spikes(), 0);
    }

    #[test]
    fn codes_are_read_and_written() {
        for image_code in ImageCode::ALL {
            assert_eq!(image_code.to_string().parse::<ImageCode>().unwrap(), image_code);
        }
        let message = "poisson".parse::<ImageCode>().unwrap_err().to_string();
        assert!(message.contains("`poisson`") && message.contains("`rate`"), "{message}");
    }

    proptest! {
        #[test]
        fn regular_spikes_as_often_as_the_brightness_says(
            pixels in prop::collection::vec(any::<u8>(), 1..40), steps in 1u16..400, seed: u64,
        ) {
            let encoding = Encoding { seed, ..encoding(&pixels.len().to_string(), steps, ImageCode::Regular) };
            let train = code(&image(pixels.len() as u16, pixels.clone()), 0, &encoding).unwrap();
            for (&pixel, count) in pixels.iter().zip(counts(&train)) {
                let exact = u32::from(pixel) * u32::from(steps);
                prop_assert!(count == exact / 256 || count == exact.div_ceil(256));
            }
        }
    }
}
