//! What each of several boards did in a run.

use comfy_table::Table;
use serde::Serialize;

use crate::commands::table;
use crate::link_use::LinkUse;

/// One board. A part is a share of an epoch, or some recordings of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardUse {
    /// As on the command line.
    pub board: String,
    /// Its configuration.
    pub configuration: String,
    /// Parts that it did and that counted.
    pub parts: u64,
    /// Recordings in them.
    pub recordings: u64,
    /// Of its parts, those that another board had begun.
    pub taken_over: u64,
    /// Parts that it had begun and another board did.
    pub given_up: u64,
    /// Why it was lost; `None` where it was not.
    pub lost: Option<String>,
    /// What its link saw up to its last part.
    pub link: Option<LinkUse>,
}

impl BoardUse {
    /// A board that has done nothing yet.
    pub fn new(board: String, configuration: String) -> Self {
        let (parts, recordings, taken_over, given_up) = (0, 0, 0, 0);
        Self { board, configuration, parts, recordings, taken_over, given_up, lost: None, link: None }
    }

    /// What became of it, for a row of a table.
    pub fn state(&self) -> String {
        match &self.lost {
            Some(why) => format!("lost: {}", why.lines().next().unwrap_or_default()),
            None => "there to the end".to_owned(),
        }
    }
}

/// A row a board.
pub fn board_table(boards: &[BoardUse]) -> Table {
    let mut rows = table(&["board", "parts", "recordings", "taken over", "given up", ""]);
    for board in boards {
        let numbers =
            [board.parts, board.recordings, board.taken_over, board.given_up].map(|n| n.to_string());
        rows.add_row(std::iter::once(board.board.clone()).chain(numbers).chain([board.state()]));
    }
    rows
}
