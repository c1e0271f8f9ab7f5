//! PNG and JPEG: one image a file, grey or in colour as the file is.

use crate::error::Error;
use crate::item::Image;
use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// The most columns or rows.
const MAX_SIDE: u32 = 4096;

/// Reads an image. None if the bytes are neither PNG nor JPEG.
pub(super) fn read(name: &str, label: u16, bytes: &[u8]) -> Result<Option<Image>, Error> {
    let format = match bytes {
        [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat::Jpeg,
        _ => return Ok(None),
    };
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(256 << 20);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let picture = reader.decode().map_err(|cause| Error::Picture { path: name.into(), cause })?;
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    let (channels, pixels) = if picture.color().has_color() {
        let colours = picture.into_rgb8();
        let channel = |index: usize| colours.pixels().map(move |pixel| pixel.0[index]);
        (3, channel(0).chain(channel(1)).chain(channel(2)).collect())
    } else {
        (1, picture.into_luma8().into_raw())
    };
    Ok(Some(Image { label, width, height, channels, pixels }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;

    #[test]
    fn colours_are_kept_apart() {
        let picture = RgbImage::from_raw(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let image = read("a", 4, bytes.get_ref()).unwrap().unwrap();
        assert_eq!((image.channels, image.pixels), (3, vec![1, 4, 2, 5, 3, 6]));
    }

    #[test]
    fn png_and_jpeg_are_read() {
        let picture = RgbImage::from_fn(5, 3, |x, _| image::Rgb([if x < 3 { 200 } else { 10 }; 3]));
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let mut bytes = Cursor::new(Vec::new());
            picture.write_to(&mut bytes, format).unwrap();
            let image = read("a", 4, bytes.get_ref()).unwrap().unwrap();
            assert_eq!((image.label, image.width, image.height, image.channels), (4, 5, 3, 3));
            assert!(
                image.pixels[0].abs_diff(200) < 20 && image.pixels[4].abs_diff(10) < 20,
                "{:?}",
                image.pixels
            );
            let cut = &bytes.get_ref()[..bytes.get_ref().len() / 2];
            let message = read("a", 4, cut).err().map(|error| error.to_string());
            assert!(message.is_none_or(|message| message.contains("image `a`")));
        }
        let mut bytes = Cursor::new(Vec::new());
        let grey = image::DynamicImage::ImageRgb8(picture).into_luma8();
        grey.write_to(&mut bytes, ImageFormat::Png).unwrap();
        let image = read("a", 4, bytes.get_ref()).unwrap().unwrap();
        assert_eq!((image.channels, &image.pixels), (1, grey.as_raw()));
        assert!(read("a", 0, b"% evt 3.0\n").unwrap().is_none());
    }
}
