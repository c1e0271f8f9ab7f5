//! What is wrong with a stage.

use crate::recording::Sensor;

/// What is wrong with a stage of a pipeline; [`Error::Stage`](crate::Error::Stage) says which it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // The fields are the values in the messages.
pub enum Problem {
    /// No stage of that name.
    #[error("there is no stage of that name: give one of {names}")]
    Name { names: String },
    /// A table of a TOML file that names no stage, or two.
    #[error("it names {seen} stages: wanted one key of {names}, and that stage's own")]
    Table { seen: usize, names: String },
    /// A name without a value.
    #[error("it has no value: wanted {wanted}")]
    NoValue { wanted: &'static str },
    /// A value that cannot be.
    #[error("{key} is `{seen}`: wanted {wanted}")]
    Value { key: String, seen: String, wanted: &'static str },
    /// A key that the stage does not have.
    #[error("it has no key `{key}`: wanted {keys}")]
    Key { key: String, keys: &'static str },
    /// A key given twice.
    #[error("it has the key `{key}` twice: give it once")]
    Twice { key: String },
    /// A part of the sensor that is not there.
    #[error(
        "it reaches to column {right} and row {bottom}, but the sensor that it gets is of {sensor} pixels"
    )]
    Outside { right: u32, bottom: u32, sensor: Sensor },
    /// A sensor with more pixels than a stage remembers.
    #[error(
        "the sensor that it gets is of {sensor} pixels: wanted at most {limit} of them; crop or downsample before"
    )]
    LargeSensor { sensor: Sensor, limit: usize },
    /// A flip without a word on labels.
    #[error(
        "it does not say what becomes of labels: give keep=all where a mirrored recording has the same label, \
         keep=0+1+8 for the labels of which that is true, or swap=2/5 for labels that become each other"
    )]
    FlipLabels,
    /// A label that is listed twice.
    #[error("the label {label} is listed twice: wanted each in keep or in one pair of swap")]
    LabelTwice { label: u16 },
    /// A label that no recording can have.
    #[error("it swaps or keeps the label {label}, but the source has {classes} classes")]
    NoSuchLabel { label: u16, classes: u16 },
    /// A second window.
    #[error("stage {first} cuts windows already: wanted one window at most")]
    SecondWindow { first: usize },
    /// A window after a stage that draws.
    #[error(
        "it stands after stage {drawn}, which draws: windows are cut once, before anything is drawn; put it before"
    )]
    WindowAfterDraw { drawn: usize },
    /// More windows than a recording may give.
    #[error("it gives more than {limit} windows at once: wanted longer ones, or fewer by every=")]
    TooManyWindows { limit: usize },
    /// More events than windows may hold together.
    #[error("its windows overlap so much that they hold more than {limit} events: wanted fewer by every=")]
    TooMuchOverlap { limit: usize },
    /// More events than a window may hold.
    #[error("a window has more than {limit} events, the most that is kept: wanted shorter ones")]
    LongWindow { limit: usize },
}
