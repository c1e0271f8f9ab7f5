//! Spelling: lines, files, mistakes.

use super::*;

fn message(text: &str) -> String {
    text.parse::<Pipeline>().unwrap_err().to_string()
}

#[test]
fn geometry_is_followed_and_mistakes_name_their_stage() {
    let sensor = |text: &str, width, height| pipeline(text).sensor(Sensor { width, height });
    assert_eq!(sensor("crop=96x90 | downsample=4", 346, 260).unwrap(), Sensor { width: 24, height: 23 });
    let seen = sensor("downsample=2 | crop=18x17", 34, 34).unwrap_err().to_string();
    let wanted = "stage 2 of the pipeline, `crop=18x17`: it reaches to column 17 and row 16, but the sensor that it \
                  gets is of 17x17 pixels";
    assert_eq!(seen, wanted);
    assert!(sensor("crop=65535x1+65535+0", 34, 34).unwrap_err().to_string().contains("column 131069"));
    for stage in ["background=5ms", "quantise=1ms", "hot-pixels=9"] {
        let seen = sensor(stage, 65535, 65535).unwrap_err().to_string();
        assert!(seen.contains("65535x65535") && seen.contains("4194304"), "{seen}");
    }
    let seen = pipeline("crop=4x4").prepare(recording(3, 4, &[])).unwrap_err().to_string();
    assert!(seen.contains("3x4 pixels"), "{seen}");
}

#[test]
fn mistyped_stages_say_what_was_wanted() {
    for (text, number, said) in [
        ("crop", 1, "it has no value: wanted columns x rows"),
        ("crop=96", 1, "crop is `96`: wanted columns x rows"),
        ("crop=0x4", 1, "crop is `0x4`"),
        ("crop=4x4+1", 1, "crop is `4x4+1`"),
        ("crop=4x4+1+1+1", 1, "crop is"),
        ("downsample=2 | downsample=0", 2, "downsample is `0`: wanted a factor from 1 to 65535"),
        ("downsample=2x0", 1, "downsample is `2x0`"),
        ("downsample=2,every=3", 1, "it has no key `every`: wanted nothing after its value"),
        ("quantise=5", 1, "quantise is `5`: wanted a time from 1us to 86400s"),
        ("background=0ms", 1, "background is `0ms`"),
        ("hot-pixels=0", 1, "hot-pixels is `0`: wanted a rate"),
        ("hot-pixels=5,over=5", 1, "over is `5`: wanted a time"),
        ("polarity=both", 1, "polarity is `both`: wanted on, off, merge or swap"),
        ("window=0events", 1, "window is `0events`"),
        ("window=5000", 1, "window is `5000`: wanted a time such as 100ms, or a number of events"),
        ("window=5ms,every=3events", 1, "every is `3events`: wanted the kind of the window"),
        ("window=5ms,last=maybe", 1, "last is `maybe`: wanted drop or keep"),
        ("window=5ms,every=1ms,every=2ms", 1, "it has the key `every` twice"),
        ("window=5ms | crop=1x1 | window=5ms", 3, "stage 1 cuts windows already"),
        ("shift=2 | window=5ms", 2, "it stands after stage 1, which draws"),
        ("shift=-1", 1, "shift is `-1`"),
        ("drop=10%", 1, "drop is `10%`: wanted a part from 0 to 1"),
        ("flip=columns", 1, "it does not say what becomes of labels"),
        ("flip=both,keep=all", 1, "flip is `both`: wanted columns"),
        ("flip=rows,keep=1+2+1", 1, "the label 1 is listed twice"),
        ("flip=rows,keep=1,swap=1/2", 1, "the label 1 is listed twice"),
        ("flip=rows,swap=2/2", 1, "the label 2 is listed twice"),
        ("flip=rows,swap=2", 1, "swap is `2`: wanted pairs"),
        ("blur=3", 1, "there is no stage of that name: give one of crop, downsample, quantise"),
        ("crop=4x4 |", 2, "there is no stage of that name"),
        ("| crop=4x4", 1, "there is no stage of that name"),
    ] {
        let seen = message(text);
        assert!(
            seen.starts_with(&format!("stage {number} of the pipeline, `")) && seen.contains(said),
            "{seen}"
        );
    }
}

#[test]
fn labels_beyond_the_classes_are_refused() {
    let flips = pipeline("drop=0.1 | flip=columns,keep=all,swap=2/9");
    assert!(flips.check_labels(10).is_ok());
    let seen = flips.check_labels(9).unwrap_err().to_string();
    assert!(seen.starts_with("stage 2") && seen.contains("label 9, but the source has 9 classes"), "{seen}");
}

#[test]
fn a_file_spells_what_a_line_does() {
    let text = r#"
        # The middle of the sensor.
        [[stage]]
        crop = "96x96"
        [[stage]]
        downsample = 2
        [[stage]]
        last = "keep"
        window = "100ms"
        every = "50ms"
        [[stage]]
        flip = "columns"
        keep = [0, 1, 8]
        swap = ["2/5"]
        [[stage]]
        drop = 0.1
    "#;
    let line = "crop=96x96|downsample=2 |window=100ms , every=50ms,last=keep|flip=columns,keep=0+1+8,swap=5/2|drop=0.1";
    let read = Pipeline::from_toml("p.toml", text).unwrap();
    assert_eq!(read, pipeline(line));
    let canonical = "crop=96x96 | downsample=2 | window=100ms,every=50ms,last=keep | \
                     flip=columns,keep=0+1+8,swap=2/5 | drop=0.1";
    assert_eq!(read.to_string(), canonical);
    assert_eq!(serde_json::to_value(&read).unwrap(), canonical);
    assert_eq!(serde_json::from_value::<Pipeline>(canonical.into()).unwrap(), read);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    std::fs::write(&path, text).unwrap();
    assert_eq!(Pipeline::open(path.to_str().unwrap()).unwrap(), read);
    assert_eq!(Pipeline::open(line).unwrap(), read);
    assert!(Pipeline::open("").unwrap().is_empty() && Pipeline::from_toml("p.toml", "").unwrap().is_empty());
}

#[test]
fn files_that_are_no_pipelines_are_refused() {
    let seen = Pipeline::open("gone.toml").unwrap_err().to_string();
    assert!(seen.contains("cannot read `gone.toml`"), "{seen}");
    for (text, said) in [
        ("[[stage]\n", "`p.toml` is no pipeline"),
        ("stages = []", "unknown field `stages`"),
        ("[[stage]]\n", "stage 1 of the pipeline, ``: it names 0 stages"),
        ("[[stage]]\ncrop = \"4x4\"\nshift = 2", "it names 2 stages"),
        ("[[stage]]\nevery = \"4ms\"", "`every = \"4ms\"`: it names 0 stages"),
        ("[[stage]]\ncrop = 4", "crop is `4`: wanted columns x rows"),
        (
            "[[stage]]\nshift = 2\n[[stage]]\nwindow = \"4ms\"",
            "stage 2 of the pipeline, `window=4ms`: it stands after",
        ),
    ] {
        let seen = Pipeline::from_toml("p.toml", text).unwrap_err().to_string();
        assert!(seen.contains(said), "{seen}");
    }
}

pub(super) fn any_stage() -> impl Strategy<Value = Stage> {
    let time = || (1u64..100_000).prop_map(|us| Micros::new(us).unwrap());
    let part = (0u32..=1_000_000).prop_map(|part| Part::from_millionths(part).unwrap());
    let side = || prop_oneof![3 => 1u16..6, 1 => 1u16..=u16::MAX];
    let labels = prop::collection::btree_set(0u16..100, 1..6).prop_map(|labels| labels.into_iter().collect());
    prop_oneof![
        (side(), side(), prop::option::of(prop_oneof![3 => (0u16..3, 0u16..3), 1 => (0u16.., 0u16..)]))
            .prop_map(|(width, height, at)| Stage::Crop(Crop { size: Sensor { width, height }, at })),
        (side(), side()).prop_map(|(columns, rows)| Stage::Downsample(Downsample { columns, rows })),
        time().prop_map(|tick| Stage::Quantise(Quantise { tick })),
        (1u32.., prop::option::of(time()))
            .prop_map(|(rate, over)| Stage::HotPixels(HotPixels { rate, over })),
        time().prop_map(|within| Stage::Background(Background { within })),
        prop_oneof![Just(Polarity::On), Just(Polarity::Off), Just(Polarity::Merge), Just(Polarity::Swap)]
            .prop_map(Stage::Polarity),
        (0u16.., 0u16..).prop_map(|(columns, rows)| Stage::Shift(Shift { columns, rows })),
        (any::<bool>(), labels, 100u16..200).prop_map(|(all, labels, pair)| Stage::Flip(Flip {
            axis: if all { Axis::Rows } else { Axis::Columns },
            keep: if all { Keep::All } else { Keep::These(labels) },
            swap: vec![(pair, pair + 1), (pair + 2, pair + 300)],
        })),
        time().prop_map(|most| Stage::Jitter(Jitter { most })),
        part.prop_map(|part| Stage::Drop(Drop { part })),
    ]
}

prop_compose! {
    pub(super) fn any_window()(time in any::<bool>(), length in 1u32..5000, every in 1u32..5000, keep_last in any::<bool>()) -> Window {
        let us = |length: u32| Micros::new(length.into()).unwrap();
        let span = if time {
            Span::Time { length: us(length), every: us(every) }
        } else {
            Span::Events { length, every }
        };
        Window { span, keep_last }
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        window in prop::option::of(any_window()),
        stages in prop::collection::vec(any_stage(), 0..6),
    ) {
        let stages = window.map(Stage::Window).into_iter().chain(stages).collect();
        let pipeline = Pipeline::new(stages).unwrap();
        prop_assert_eq!(pipeline.to_string().parse::<Pipeline>().unwrap(), pipeline);
    }
}

/// The page defines every stage, and its example of a file is the line above it.
#[test]
fn the_page_is_true() {
    let page = include_str!("../../../../docs/pipelines.md");
    for name in Stage::names().split(", ") {
        assert!(page.contains(&format!("\n| `{name}=")), "no row for {name}");
    }
    let file = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let line = file.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap();
    assert_eq!(Pipeline::from_toml("page", file).unwrap(), pipeline(line));
    let seen = pipeline("downsample=2 | crop=18x17").sensor(Sensor { width: 34, height: 34 }).unwrap_err();
    assert!(page.contains(&format!("```text\n{seen}\n```")), "{seen}");
}
