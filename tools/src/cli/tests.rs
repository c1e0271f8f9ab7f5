use clap::{CommandFactory, Parser};

use super::*;

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

/// Commands in the fenced blocks and inline code of a page, without their comments.
fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in page.lines() {
        let pieces: Vec<&str> = line.split('`').collect();
        let inline = pieces.iter().skip(1).step_by(2).copied();
        for piece in inline.chain(std::iter::once(line)) {
            let piece = piece.trim_start_matches("$ ").split(" #").next().unwrap_or_default().trim();
            let piece = piece.split("  ").next().unwrap_or_default();
            for start in ["stop-fpga ", "cargo run --release -- "] {
                if let Some(arguments) = piece.strip_prefix(start) {
                    found.push(arguments.trim_end_matches(['\\', '.', ',']).to_owned());
                }
            }
        }
    }
    found
}

/// Words as a shell takes them: quotation marks hold some together.
fn shell_words(command: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![], None);
    let mut word: Option<String> = None;
    for letter in command.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// Every command that a page shows can be typed, up to what stands for the reader's own values.
#[test]
fn documented_commands_parse() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut pages = vec![root.join("README.md")];
    pages.extend(std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut seen = 0;
    for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
        for command in commands(&std::fs::read_to_string(page).unwrap()) {
            // An elision or a placeholder in capitals shows the form, not a command; a verb alone names it.
            let elided = command.contains('…') || command.contains("...");
            if elided
                || !command.contains(' ')
                    && !matches!(command.as_str(), "demo" | "ablate" | "doctor" | "setup")
            {
                continue;
            }
            let words = std::iter::once("stop-fpga".to_owned()).chain(shell_words(&command));
            let words: Vec<String> = words.map(|word| if word == "S" { "1".into() } else { word }).collect();
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{}: `stop-fpga {command}`: {error}", page.display());
            }
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} commands found");
}

#[test]
fn mistyped_commands_are_refused() {
    for line in [
        "train --train x --net 4",
        "train --train x --net 4-0",
        "train --train x --net 4-2 --learn tlw",
        "train --train x --net 4-2 --resume",
        "train --train x --net 4-2 --updates never",
        "virtual-board",
        "eval --test x",
        "train --train x --net 4-2 --pipeline blur=3",
        "train --train x --net 4-2 --split 80",
        "train --train x --net 4-2 --split 0.8 --test y",
        "train --train x --net 4-2 --split 0.8 --hold-out 3",
        "train --train x --net 4-2 --balance more",
        "eval --weights w --test x --pipeline window=100",
        "events check",
        "train --train x --net 4-2 --shares 0",
        "stream --weights w --source x --board model --board model",
        "serve --board model --board model",
        "serve --idle soon",
    ] {
        assert!(Cli::try_parse_from(std::iter::once("stop-fpga").chain(line.split(' '))).is_err(), "{line}");
    }
}
