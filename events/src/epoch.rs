//! What is learned in one epoch: which items, how often, and what is drawn for them.

use crate::dataset::Dataset;
use crate::encode::Encoding;
use crate::error::Error;
use crate::item::Item;
use crate::pipeline::{Draw, Pipeline};
use crate::random::{keyed, shuffle};
use crate::spikes::Sample;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What makes every class as frequent in an epoch, drawn anew each epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Balance {
    /// Items of rarer classes are learned several times, as often as those of the most frequent: all of them equally
    /// often, some once more.
    Oversample,
    /// Of each class as many items are learned as there are of the rarest.
    Cap,
}

/// An epoch of a run.
#[derive(Clone, Copy, Debug)]
pub struct Epoch<'a> {
    /// Whose stages draw.
    pub pipeline: &'a Pipeline,
    /// Whether classes are balanced.
    pub balance: Option<Balance>,
    /// Of the run.
    pub seed: u64,
    /// From 0.
    pub number: u32,
}

/// Sets this apart from what else is drawn by the same seed.
const PURPOSE: u64 = u64::from_le_bytes(*b"balance ");

impl Dataset {
    /// The samples of an epoch of items that came [`through`](Self::through) the same pipeline: of the items in their
    /// order, and then of their repetitions. What is drawn for an item is keyed by its place in the dataset, or that
    /// of the repetition behind it: another order of encoding changes nothing.
    ///
    /// # Errors
    /// The first error of the pipeline or of [`Item::encode`].
    pub fn encode_epoch(&self, encoding: &Encoding, epoch: &Epoch<'_>) -> Result<Vec<Sample>, Error> {
        let labels: Vec<u16> = self.items().iter().map(Item::label).collect();
        let places = epoch.places(&labels);
        let sample = |(item, place): (usize, usize)| {
            let draw = Draw { seed: epoch.seed, epoch: epoch.number, item: place as u64 };
            match &self.items()[item] {
                Item::Recording(recording) if epoch.pipeline.draws() => {
                    let recording = epoch.pipeline.finish(recording.clone(), Some(draw))?;
                    Item::Recording(recording).encode(place, encoding)
                }
                item => item.encode(place, encoding),
            }
        };
        places.into_iter().map(sample).collect()
    }
}

impl Epoch<'_> {
    /// The items that are learned and, of each, the place by which its draws are keyed.
    fn places(&self, labels: &[u16]) -> Vec<(usize, usize)> {
        let all = (0..labels.len()).map(|at| (at, at));
        let Some(balance) = self.balance else { return all.collect() };
        let mut of_label: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
        labels.iter().enumerate().for_each(|(at, &label)| of_label.entry(label).or_default().push(at));
        let sizes = of_label.values().map(Vec::len);
        let size = match balance {
            Balance::Oversample => sizes.max(),
            Balance::Cap => sizes.min(),
        };
        let size = size.unwrap_or(0);
        let mut learned = Vec::new();
        let mut again = Vec::new();
        for (label, mut places) in of_label {
            shuffle(&mut keyed([self.seed, PURPOSE, label.into(), self.number.into()]), &mut places);
            learned.extend_from_slice(&places[..places.len().min(size)]);
            again.extend(places.iter().cycle().copied().take(size).skip(places.len()));
        }
        learned.sort_unstable();
        let repetitions = again.into_iter().enumerate().map(|(number, at)| (at, labels.len() + number));
        learned.into_iter().map(|at| (at, at)).chain(repetitions).collect()
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Balance::Oversample => "oversample",
            Balance::Cap => "cap",
        })
    }
}

impl FromStr for Balance {
    type Err = Error;

    /// Reads `oversample` or `cap`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = [Balance::Oversample, Balance::Cap].into_iter().find(|known| known.to_string() == text);
        found.ok_or_else(|| Error::BalanceText { seen: text.into() })
    }
}

impl From<Balance> for String {
    fn from(balance: Balance) -> String {
        balance.to_string()
    }
}

impl TryFrom<String> for Balance {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(balance: Option<Balance>, number: u32) -> Vec<(usize, usize)> {
        let pipeline = Pipeline::default();
        // Four of label 0, one of label 1, two of label 7.
        Epoch { pipeline: &pipeline, balance, seed: 3, number }.places(&[0, 1, 0, 7, 0, 7, 0])
    }

    #[test]
    fn without_balance_every_item_is_learned_once() {
        assert_eq!(places(None, 0), (0..7).map(|at| (at, at)).collect::<Vec<_>>());
    }

    #[test]
    fn rarer_classes_are_learned_several_times() {
        let learned = places(Some(Balance::Oversample), 0);
        assert_eq!(learned[..7], places(None, 0));
        let count = |item| learned.iter().filter(|(at, _)| *at == item).count();
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(count), [1, 4, 1, 2, 1, 2, 1]);
        assert!(learned[7..].iter().map(|&(_, place)| place).eq(7..12), "each repetition draws for itself");
    }

    #[test]
    fn frequent_classes_are_cut_anew_each_epoch() {
        let learned: Vec<_> = (0..20).map(|epoch| places(Some(Balance::Cap), epoch)).collect();
        for epoch in &learned {
            assert_eq!(epoch.len(), 3);
            assert!(epoch.contains(&(1, 1)) && epoch.is_sorted(), "{epoch:?}");
        }
        for item in [0, 2, 3, 4, 5, 6] {
            assert!(learned.iter().any(|epoch| epoch.contains(&(item, item))), "{item} is never learned");
        }
        assert_eq!(learned[4], places(Some(Balance::Cap), 4));
    }

    #[test]
    fn balances_are_read_and_written() {
        for balance in [Balance::Oversample, Balance::Cap] {
            assert_eq!(balance.to_string().parse::<Balance>().unwrap(), balance);
        }
        let message = "weights".parse::<Balance>().unwrap_err().to_string();
        assert!(message.contains("`weights`") && message.contains("`oversample` or `cap`"), "{message}");
    }
}
