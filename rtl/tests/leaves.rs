//! The native half of every leaf against what it is specified to be, computed in another way.

use rtl::leaf::catalog::{Entry, catalog};
use rtl::leaf::stimuli::stimuli;
use std::collections::{HashMap, VecDeque};

/// The outputs of a cycle; `None` where the specification leaves one open.
type Spec = Box<dyn FnMut(&[u128]) -> Vec<Option<u128>>>;

/// Two's complement by subtraction.
fn signed(value: u128, width: u32) -> i128 {
    let value = value as i128;
    if value >= 1 << (width - 1) { value - (1 << width) } else { value }
}

fn unsigned(value: i128, width: u32) -> u128 {
    value.rem_euclid(1 << width) as u128
}

fn limited(value: i128, width: u32) -> u128 {
    unsigned(value.max(-(1 << (width - 1))).min((1 << (width - 1)) - 1), width)
}

/// Numbers in a leaf's name: `saturating_add_s16_s8_s16` has 16, 8 and 16.
fn parameters(name: &str) -> Vec<u32> {
    let parts = name.split(['_', 'x']).map(|part| part.trim_start_matches(|c: char| c.is_ascii_alphabetic()));
    parts.filter_map(|part| part.parse().ok()).collect()
}

fn combinational(one: impl Fn(&[u128]) -> Vec<u128> + 'static) -> Spec {
    Box::new(move |inputs| one(inputs).into_iter().map(Some).collect())
}

/// One lane of a memory with a read and a write port.
fn memory(lanes: usize, init: impl Fn(u128) -> u128 + 'static) -> Spec {
    let mut words: HashMap<(u128, usize), u128> = HashMap::new();
    let mut read = vec![None; lanes];
    Box::new(move |v| {
        let shown = read.clone();
        for (lane, data) in read.iter_mut().enumerate() {
            if v[0] == 1 {
                *data = Some(*words.get(&(v[1], lane)).unwrap_or(&init(v[1])));
            }
            if v[2] >> lane & 1 == 1 {
                words.insert((v[3], lane), v[4 + lane]);
            }
        }
        shown
    })
}

fn weights(lanes: usize) -> Spec {
    let mut words: HashMap<(u128, usize), u128> = HashMap::new();
    let mut read = vec![None; lanes];
    Box::new(move |v| {
        let shown = read.clone();
        let (address, reads, writes, mask) = (v[0], v[1], v[2], v[3]);
        for (lane, data) in read.iter_mut().enumerate() {
            if writes == 1 {
                if mask >> lane & 1 == 1 {
                    words.insert((address, lane), v[4 + lane]);
                }
                *data = None;
            } else if reads == 1 {
                *data = Some(*words.get(&(address, lane)).unwrap_or(&0));
            }
        }
        shown
    })
}

fn spec(name: &str) -> Spec {
    let p = parameters(name);
    let is = |kind: &str| name.starts_with(kind);
    if is("multiply_add") {
        let mut result = None;
        Box::new(move |v| {
            let product = signed(v[0], p[0]) * signed(v[1], p[1]);
            vec![result.replace(unsigned(product + signed(v[2], p[2]), p[2]))]
        })
    } else if is("saturating_add") {
        combinational(move |v| vec![limited(signed(v[0], p[0]) + signed(v[1], p[1]), p[2])])
    } else if is("stored_sum") {
        combinational(move |v| {
            let exact = signed(v[0], p[0]) + signed(v[1], p[1]);
            let sum = limited(exact, p[0]);
            let kept = sum == unsigned(exact, p[0]);
            vec![match (v[2] == 1, kept) {
                (true, _) => sum - sum % 256 + v[3],
                (false, true) => sum,
                (false, false) => sum | v[3],
            }]
        })
    } else if is("saturate") {
        combinational(move |v| vec![limited(signed(v[0], p[0]), p[1])])
    } else if is("sign_extend") {
        combinational(move |v| vec![unsigned(signed(v[0], p[0]), p[1])])
    } else if is("rounding_shift") {
        let least = p.get(3).map_or(0, |&least| u128::from(least));
        combinational(move |v| {
            let amount = v[1] + least;
            let half = if amount == 0 { 0 } else { 1i128 << (amount - 1) };
            vec![limited((signed(v[0], p[0]) + half).div_euclid(1 << amount), p[2])]
        })
    } else if is("floor_shift") {
        let least = p.get(3).map_or(0, |&least| u128::from(least));
        combinational(move |v| vec![limited(signed(v[0], p[0]).div_euclid(1 << (v[1] + least)), p[2])])
    } else if is("compare_s") {
        combinational(move |v| vec![(signed(v[0], p[0]) < signed(v[1], p[0])).into(), (v[0] == v[1]).into()])
    } else if is("compare_u") {
        combinational(|v| vec![(v[0] < v[1]).into(), (v[0] == v[1]).into()])
    } else if is("first_set") {
        combinational(|v| match (0..16).find(|bit| v[0] >> bit & 1 == 1) {
            Some(bit) => vec![1, bit, v[0] - (1 << bit)],
            None => vec![0, 0, 0],
        })
    } else if is("pick") {
        combinational(|v| v.split_last().map(|(index, words)| words[*index as usize]).into_iter().collect())
    } else if is("lane_sum") {
        combinational(move |v| vec![unsigned(v.iter().map(|term| signed(*term, p[1])).sum(), p[2])])
    } else if is("row_address") {
        combinational(move |v| vec![(v[2] + v[0] * (v[1] + 1)) % (1 << p[2])])
    } else if is("register") {
        let mut q = 0;
        Box::new(move |v| vec![Some(std::mem::replace(&mut q, v[0]))])
    } else if is("delay") {
        let mut held = VecDeque::from(vec![0; p[1] as usize]);
        Box::new(move |v| {
            held.push_back(v[0]);
            vec![held.pop_front()]
        })
    } else if is("lane_ram") {
        let init = init(name);
        memory(p[0] as usize, move |_| init)
    } else if is("ram") {
        let init = init(name);
        memory(1, move |_| init)
    } else if is("preset") {
        memory(1, |place| 3 * place)
    } else if is("weights") {
        weights(p[1] as usize)
    } else {
        panic!("no specification for {name}")
    }
}

fn init(name: &str) -> u128 {
    name.split_once("_init_").map_or(0, |(_, hex)| u128::from_str_radix(hex, 16).expect("hexadecimal"))
}

/// The first cycle in which the native half is not what the specification says.
fn first_difference(entry: &Entry, mut spec: Spec) -> Option<String> {
    let mut native = entry.native();
    for inputs in entry.warm_up.iter().chain(&stimuli(entry, 20_000)) {
        let (got, want) = (native(inputs).expect("settles"), spec(inputs));
        assert_eq!(got.len(), want.len(), "{}", entry.name);
        if got.iter().zip(&want).any(|(got, want)| want.is_some_and(|want| want != *got)) {
            return Some(format!("{}: {inputs:x?} gave {got:x?}, specified {want:x?}", entry.name));
        }
    }
    None
}

#[test]
fn native_halves_do_what_is_specified() {
    for entry in catalog().expect("emits") {
        assert_eq!(first_difference(&entry, spec(&entry.name)), None);
    }
}

/// A leaf that is not listed is compared with nothing.
#[test]
fn every_leaf_is_in_the_catalog() {
    let entries = catalog().expect("emits");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/leaf");
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("an entry").path();
        let source = std::fs::read_to_string(&path).expect("reads");
        for name in source.split("\"// leaf ").skip(1) {
            let kind: String = name.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            let listed = entries.iter().any(|entry| entry.name.starts_with(&kind));
            assert!(listed, "{}: `{kind}…` is not in leaf::catalog", path.display());
        }
    }
}

/// One bit of the last responses.
#[test]
fn a_wrong_specification_is_noticed() {
    for entry in catalog().expect("emits") {
        let mut right = spec(&entry.name);
        let mut left = entry.warm_up.len() + stimuli(&entry, 20_000).len();
        let wrong: Spec = Box::new(move |inputs| {
            let mut outputs = right(inputs);
            left -= 1;
            if left < 50 {
                outputs[0] = outputs[0].map(|value| value ^ 1);
            }
            outputs
        });
        assert!(first_difference(&entry, wrong).is_some(), "{}", entry.name);
    }
}
