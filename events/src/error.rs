//! What can go wrong, and what to do then.

use crate::pipeline::Problem;
use crate::recording::{Damage, Format, Sensor};
use crate::shape::{MAX_INPUTS, Shape};
use std::fmt;
use std::ops::Range;

/// Where in a recording: the event's number from 0, and its byte if it came from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the event, from 0.
    pub event: usize,
    /// Its first byte in the file.
    pub byte: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.event)?;
        self.byte.map_or(Ok(()), |byte| write!(f, " (byte {byte})"))
    }
}

/// An error of this crate. Each message says what failed, what was seen, what was wanted and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are the values in the messages.
pub enum Error {
    // ---- finding a source -------------------------------------------------------------------------------
    /// Neither a built-in source nor a path.
    #[error(
        "there is nothing at `{source_text}`: give a folder or zip of label folders, an IDX file of images, \
         bundled:train, bundled:test, delayed-decision, or a data set by name, such as n-mnist:PATH"
    )]
    NothingThere { source_text: String },
    /// A data set that lacks something, or lies elsewhere.
    #[error(
        "`{set}` is not at `{root}`: looked for {looked_for}; docs/data-sets.md shows what it looks like when it is \
         unpacked"
    )]
    DataSetMissing { set: &'static str, root: String, looked_for: String },
    /// A line of a data set's list that makes no sense.
    #[error("`{path}`, line {line}: {seen}: wanted {wanted}; fetch it again")]
    DataSetLine { path: String, line: usize, seen: String, wanted: &'static str },
    /// A file that this build does not read.
    #[error("`{path}` lies in HDF5, which this build does not read: build it again with --features hdf5")]
    NoHdf5 { path: String },
    /// An HDF5 file that is damaged, or lacks what is looked for.
    #[error("cannot read {what} of the HDF5 file `{path}`: {cause}; fetch it again")]
    Hdf5 { path: String, what: &'static str, cause: String },
    /// A sample of an HDF5 file that makes no sense.
    #[error("`{path}`, sample {sample}: {what} is {seen}: wanted {wanted}; fetch it again")]
    Hdf5Value { path: String, sample: usize, what: &'static str, seen: String, wanted: &'static str },
    /// A file of another format.
    #[error(
        "`{path}` begins with {}: neither a zip (50 4B), nor an IDX file (00 00 08 03), nor one in gzip \
         (1F 8B); of single recordings, give the folder that holds their label folders",
        hex(first)
    )]
    UnknownFormat { path: String, first: Vec<u8> },
    /// A split that does not exist.
    #[error("there is no split `{seen}`: give `train` or `test`, for example bundled:train")]
    SplitText { seen: String },
    /// A file or folder that cannot be read.
    #[error("cannot read `{path}`: {cause}; check that it is whole and that you may read it")]
    Io { path: String, cause: std::io::Error },
    /// More bytes than are read of one file.
    #[error("`{name}` has more than {limit} bytes, the most that is read: is it the right file?")]
    TooLarge { name: String, limit: usize },

    // ---- label folders ----------------------------------------------------------------------------------
    /// A folder that stands for no class.
    #[error(
        "label folder `{folder}` of `{root}` is no number from 0 to 65534: folders are named by their class; \
         if the label folders lie in it, give `{root}/{folder}`"
    )]
    LabelFolder { root: String, folder: String },
    /// A folder of none of a data set's classes.
    #[error("`{folder}` in `{root}` is no class of this data set: its classes are {wanted}; move it away")]
    ClassFolder { root: String, folder: String, wanted: String },
    /// Classes without a folder.
    #[error("`{root}` has no folder of the classes {missing}: fetch the whole data set, and unpack it there")]
    ClassesMissing { root: String, missing: String },
    /// A file in a label folder that is no recording.
    #[error(
        "`{path}` is no recording in a label folder: folders in those hold nothing that is read; move it away"
    )]
    NotARecording { path: String },
    /// No recordings at all.
    #[error("`{root}` holds no recordings: wanted label folders with them, such as `{root}/7/00001.bin`")]
    NoRecordings { root: String },
    /// More files than are listed.
    #[error("`{root}` holds more than {limit} files, the most that is listed: split it")]
    TooManyFiles { root: String, limit: usize },
    /// More events than are kept.
    #[error(
        "the first {items} recordings of `{root}` hold all of the {limit} events that are kept in memory: \
         give a limit of {items} recordings or fewer"
    )]
    TooManyEvents { root: String, items: usize, limit: usize },
    /// A list of labels that cannot be followed.
    #[error("`{path}`, line {line}: {problem}; wanted {wanted}")]
    LabelList { path: String, line: u64, problem: String, wanted: &'static str },
    /// A zip that cannot be read.
    #[error("cannot read the zip `{path}`: {cause}; fetch or make it again")]
    Zip { path: String, cause: zip::result::ZipError },
    /// A folder that the zip does not have.
    #[error("the zip `{zip}` holds no folder `{inside}`: its top-level folders are {top}")]
    NotInZip { zip: String, inside: String, top: String },

    // ---- recordings as streams ----------------------------------------------------------------------------
    /// A recording of no format that is known.
    #[error(
        "`{name}` begins with {}: no recording of a known format; name its format if you know it ({})",
        hex(first),
        format_names()
    )]
    UnknownRecording { name: String, first: Vec<u8> },
    /// Not a format's name.
    #[error("there is no format `{seen}`: give one of {}", format_names())]
    FormatText { seen: String },
    /// Not a sensor's width and height.
    #[error("there is no sensor `{seen}`: give width and height of 1 to 65535, such as 128x128")]
    SensorText { seen: String },
    /// A recording that contradicts its format.
    #[error(
        "`{name}` ({format}) is damaged at byte {offset}: {damage}; fetch it again, or read it leniently"
    )]
    Damaged { name: String, format: Format, offset: u64, damage: Damage },
    /// More events than are kept in memory at once.
    #[error("`{name}` has more than {limit} events, the most that is kept: cut it, or read it in chunks")]
    LongRecording { name: String, limit: usize },
    /// A format whose header states the sensor.
    #[error("a recording of format {format} states its sensor: give width and height")]
    SensorNeeded { format: Format },
    /// A sensor that a format cannot state.
    #[error("format {format} cannot hold a sensor of {sensor} pixels: wanted sides of 1 to {limit}")]
    SensorSize { format: Format, sensor: Sensor, limit: u16 },
    /// A format that names its camera, which tells the sensor.
    #[error("format {format} has no camera with a sensor of {sensor} pixels: choose another format, or crop")]
    Camera { format: Format, sensor: Sensor },
    /// An event that a format cannot hold.
    #[error(
        "cannot write event {event} to `{name}`: its {what} is {seen}, but format {format} holds {wanted}; \
         choose another format, or cut or shift the recording"
    )]
    Unwritable { name: String, format: Format, event: u64, what: &'static str, seen: u64, wanted: String },
    /// A file that cannot be written.
    #[error("cannot write `{path}`: {cause}; check that there is room and that you may write there")]
    CannotWrite { path: String, cause: std::io::Error },

    // ---- pictures of recordings ---------------------------------------------------------------------------
    /// Not a scale.
    #[error("there is no scale `{seen}`: give a whole number such as 2, or a part such as 1/2")]
    ScaleText { seen: String },
    /// No frames, or more than are drawn.
    #[error("cannot draw {seen} frames: wanted 1 to {limit}")]
    FrameCount { seen: u32, limit: u32 },
    /// An animation that is too fast, or stands still.
    #[error("cannot show {seen} frames a second: wanted 1 to {limit}")]
    FramesASecond { seen: u32, limit: u32 },
    /// More pixels than are drawn.
    #[error(
        "cannot draw {frames} frames of {width}x{height} pixels: wanted {limit} pixels or fewer; give a smaller \
         --scale, such as 1/4, or fewer --frames"
    )]
    PictureSize { frames: u32, width: u64, height: u64, limit: u64 },
    /// A picture that cannot be encoded or written.
    #[error("cannot make the picture: {cause}; check that there is room and that you may write there")]
    CannotDraw { cause: image::ImageError },

    // ---- recordings -------------------------------------------------------------------------------------
    /// A file without content.
    #[error("`{name}` is empty: there are no events in it; fetch it again")]
    EmptyFile { name: String },
    /// A recording in which nothing happens.
    #[error("`{name}` holds no events: there is nothing to learn from it; take it away")]
    NoEvents { name: String },
    /// A recording that does not say how large its sensor is.
    #[error(
        "`{name}` does not state its sensor, as no recording of format {format} must: convert it to a format \
         that does, such as aedat4"
    )]
    NoSensor { name: String, format: Format },
    /// An event where the sensor has no pixel.
    #[error(
        "`{name}`: {place} lies at x = {x}, y = {y}, outside the sensor of {width}x{height} pixels: the file \
         is damaged or of another sensor"
    )]
    OutsideSensor { name: String, place: Place, x: u16, y: u16, width: u16, height: u16 },
    /// Time runs backwards.
    #[error(
        "`{name}`: {place} is at {t_us} µs, before the event that precedes it at {previous_us} µs: times must \
         not decrease; sort the events or cut the recording there"
    )]
    TimeBackwards { name: String, place: Place, t_us: u64, previous_us: u64 },
    /// An event outside the window that the recording was cut to.
    #[error(
        "`{name}` has an event at {t_us} µs, outside its window: wanted {} to {} µs", window_us.start, window_us.end - 1
    )]
    OutsideWindow { name: String, t_us: u64, window_us: Range<u64> },
    /// A sensor or image without pixels.
    #[error("`{what}` is {width}x{height}, without pixels: wanted at least 1x1")]
    NoPixels { what: String, width: u16, height: u16 },
    /// An image whose pixels do not fill it.
    #[error(
        "an image of {width}x{height} with {channels} channels has {seen} pixels: wanted 1 channel or 3, and channels \
         times width times height pixels"
    )]
    PixelCount { seen: usize, channels: u16, width: u16, height: u16 },

    // ---- pipelines --------------------------------------------------------------------------------------
    /// A stage that cannot be, or not there.
    #[error("stage {number} of the pipeline, `{stage}`: {problem}")]
    Stage { number: usize, stage: String, problem: Problem },
    /// A pipeline's file that is no TOML, or holds something else.
    #[error(
        "`{path}` is no pipeline: {cause}; wanted tables `[[stage]]`, such as one with `crop = \"96x96\"`"
    )]
    NoToml { path: String, cause: String },
    /// A pipeline for a stream that does not cut it.
    #[error(
        "the pipeline `{pipeline}` has no window: a stream must be cut; add a stage such as `window=100ms`"
    )]
    NoWindow { pipeline: String },
    /// Something that has no events.
    #[error("a pipeline takes recordings: item {item} of the source {what}; leave the pipeline out")]
    NotARecordingToPass { item: usize, what: &'static str },
    /// More items than are kept.
    #[error(
        "the pipeline makes more than {limit} {what} of the source, the most that is kept: give a limit of \
         fewer recordings, or longer or fewer windows"
    )]
    PipelineSize { what: &'static str, limit: usize },

    // ---- splits and balance -----------------------------------------------------------------------------
    /// Not a split.
    #[error(
        "`{seen}` is no split: wanted the part to learn from, more than 0 and less than 1, and perhaps a seed, such \
         as 0.8 or 0.8,seed=1"
    )]
    SeededSplitText { seen: String },
    /// Not a balance.
    #[error("there is no balance `{seen}`: give `oversample` or `cap`")]
    BalanceText { seen: String },

    // ---- IDX --------------------------------------------------------------------------------------------
    /// A name from which that of the labels cannot be told.
    #[error(
        "cannot tell the labels' file from the name `{path}`: wanted `…images-idx3…`, whose labels are \
         `…labels-idx1…`; rename both"
    )]
    IdxName { path: String },
    /// No labels beside the images.
    #[error("the images `{images}` have no labels beside them: wanted `{}` or `{}`", labels[0], labels[1])]
    NoLabels { images: String, labels: [String; 2] },
    /// Not the kind of IDX file that was expected.
    #[error("`{path}` begins with 0x{seen:08X}: wanted 0x{wanted:08X}, an IDX file of {holds} of 8 bits")]
    IdxMagic { path: String, holds: &'static str, seen: u32, wanted: u32 },
    /// A size in the header that is 0 or too large.
    #[error("the header of `{path}` says {what} = {seen}: wanted 1 to {limit}; it is damaged")]
    IdxSize { path: String, what: &'static str, seen: u32, limit: u32 },
    /// The file ends early.
    #[error("`{path}` is cut: of its {what} there are {seen} of {wanted} bytes; fetch it again")]
    IdxCut { path: String, what: String, seen: usize, wanted: usize },
    /// The file does not end.
    #[error("`{path}` continues after the end that its header gives: it is damaged; fetch it again")]
    IdxLonger { path: String },
    /// Images and labels of different data sets.
    #[error(
        "`{images}` holds {image_count} images and `{labels}` {label_count} labels: wanted as many of one as \
         of the other; they do not belong together"
    )]
    LabelCount { images: String, image_count: u32, labels: String, label_count: usize },

    // ---- images of other kinds ----------------------------------------------------------------------------
    /// A file of CIFAR with something else in it.
    #[error(
        "`{path}`: the label of image {image} is {seen}: wanted 0 to {most}; it is no file of CIFAR, or damaged"
    )]
    CifarLabel { path: String, image: usize, seen: u8, most: u8 },
    /// A file of CIFAR that ends within an image.
    #[error("`{path}` ends within image {image}: there are {seen} of {wanted} bytes; fetch it again")]
    CifarCut { path: String, image: usize, seen: usize, wanted: u64 },
    /// A PNG or JPEG that cannot be read.
    #[error("cannot read the image `{path}`: {cause}; wanted a PNG or JPEG of at most 4096x4096 pixels")]
    Picture { path: String, cause: image::ImageError },

    // ---- packs ------------------------------------------------------------------------------------------
    /// A pack whose columns make no sense.
    #[error("the pack `{source_name}` is damaged: {what}; make it again (`data/README.md` says how)")]
    Pack { source_name: String, what: String },
    /// A sensor that the pack cannot take.
    #[error(
        "cannot pack `{name}`, of a sensor of {}x{} pixels: wanted {}x{} as the first recording's, and at most \
         256x256", seen.0, seen.1, wanted.0, wanted.1
    )]
    PackSensor { name: String, seen: (u16, u16), wanted: (u16, u16) },

    /// A time that the pack cannot take.
    #[error("cannot pack `{name}`: it has an event at {t_us} µs; wanted times up to 4294967295 µs: shift it")]
    PackTime { name: String, t_us: u64 },

    // ---- synthetic tasks --------------------------------------------------------------------------------
    /// A parameter that the task does not have.
    #[error("delayed-decision has no parameter `{key}`: its parameters are {keys}, as in classes=4,steps=30")]
    TaskKey { key: String, keys: &'static str },
    /// A parameter out of range.
    #[error("delayed-decision cannot take {key} = `{value}`: wanted {wanted}")]
    TaskValue { key: String, value: String, wanted: &'static str },
    /// Pattern and answer overlap.
    #[error("delayed-decision with cue + loss = {cue} + {loss} needs as many steps, not {steps}: give more")]
    TaskTimes { cue: u16, loss: u16, steps: u16 },
    /// More random numbers than a person waits for.
    #[error(
        "delayed-decision of this size draws {draws} random numbers, more than {limit}: give a smaller count, \
         fewer steps, inputs or classes"
    )]
    TaskSize { draws: u64, limit: u64 },

    // ---- encoding ---------------------------------------------------------------------------------------
    /// T = 0.
    #[error("an encoding of 0 time steps holds no spikes: give 1 to 65535")]
    NoSteps,
    /// Not a shape.
    #[error(
        "`{seen}` is no input shape: wanted channels x height x width such as 2x17x17, or a number such as 784"
    )]
    ShapeText { seen: String },
    /// A shape without inputs, or with too many.
    #[error("an input shape of {shape} has {inputs} inputs: wanted 1 to {MAX_INPUTS}")]
    ShapeSize { shape: Shape, inputs: usize },
    /// Not an image code.
    #[error("there is no image code `{seen}`: give `regular`, `rate`, `latency` or `difference`")]
    ImageCodeText { seen: String },
    /// A channel count that a recording does not have.
    #[error(
        "the recording `{name}` has no input of shape {shape}: wanted 2xHxW (OFF and ON apart), 1xHxW (merged), \
         or its sensor flat"
    )]
    RecordingChannels { name: String, shape: Shape },
    /// A flat input of another size than the sensor.
    #[error(
        "the recording `{name}` has no flat input of {seen}: wanted {apart} (OFF and ON apart) or {merged} \
         (merged); to scale it, give channels x height x width"
    )]
    FlatRecording { name: String, seen: usize, apart: usize, merged: usize },
    /// A channel count that an image does not have.
    #[error(
        "an image {} has no input of shape {shape}: wanted 1xHxW{}, or its pixels flat",
        if *colour { "in colour" } else { "in grey" },
        if *colour { " (grey) or 3xHxW (red, green, blue)" } else { "" }
    )]
    ImageChannels { shape: Shape, colour: bool },
    /// A shape that has no neighbours or too many channels.
    #[error(
        "the code `difference` has no input of shape {shape}: wanted 2xHxW (falls and rises apart) or 1xHxW"
    )]
    DifferenceShape { shape: Shape },
    /// A flat input of another size than the image.
    #[error(
        "an image of {width}x{height} has no flat input of {seen}: wanted {}{}; to scale it, give channels x height \
         x width",
        usize::from(*width) * usize::from(*height),
        if *colour { format!(" (grey) or {} (colour)", 3 * usize::from(*width) * usize::from(*height)) } else { String::new() }
    )]
    FlatImage { seen: usize, width: u16, height: u16, colour: bool },
    /// Ready-made spikes for another network.
    #[error(
        "the samples are spikes already, of {inputs} inputs and {steps} time steps: they cannot become \
         {shape} and {asked}; give what they have"
    )]
    FixedSpikes { inputs: usize, steps: usize, shape: Shape, asked: u16 },
    /// A spike where there is no input.
    #[error("in step {step} there is a spike of input {index}: wanted 0 to {}", i64::from(*inputs) - 1)]
    IndexOutside { step: usize, index: u32, inputs: u32 },
    /// More spikes than 32 bits count.
    #[error("a spike train holds at most 4294967295 spikes: give fewer steps or inputs")]
    TooManySpikes,
}

/// `1F 8B`, or `nothing`.
fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".into();
    }
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

fn format_names() -> String {
    Format::ALL.map(Format::name).join(", ")
}
