//! `serve`: a board for whoever knows its token, one owner at a time.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use driver::Session;
use driver::share::{Event, Token, Why};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde::Serialize;

use super::bounded;
use crate::board::BoardUseError;
use crate::cli::Serve;
use crate::interrupt::Interrupt;
use crate::wire;

/// Largest token file that is read.
const MAX_TOKEN_FILE: u64 = 4096;

/// What `--json` prints once clients can come.
#[derive(Debug, Serialize)]
struct ServeJson<'a> {
    address: String,
    /// What a client gives to `--board`.
    board: String,
    configuration: &'a str,
    /// Where it was made for this time.
    token: Option<&'a str>,
}

/// Runs `serve` until it is interrupted.
pub fn run(serve: &Serve, interrupt: &Interrupt) -> Result<ExitCode> {
    if serve.on.board == "float" {
        return Err(miette!(
            help = "use --board model: it computes what a board computes",
            "serve: --board float has no wire"
        ));
    }
    let (token, made) = token(serve.token_file.as_deref())?;
    let mut way = wire::way(&serve.on)?;
    // That it is a board is known now instead of at the first client.
    let configuration = {
        let transport = (way.connect)().map_err(BoardUseError::from)?;
        let session = Session::connect(transport, way.options).map_err(BoardUseError::from)?;
        session.identity().name.clone()
    };
    let listener = wire::listen("--listen", &serve.listen)?;
    let address = listener.local_addr().into_diagnostic()?;
    if serve.json {
        let json = ServeJson {
            address: address.to_string(),
            board: format!("tcp:{address}"),
            configuration: &configuration,
            token: made.then(|| token.secret()),
        };
        println!("{}", serde_json::to_string(&json).into_diagnostic()?);
    } else {
        println!("{configuration} is shared on {address}: use --board tcp:{address}; Ctrl-C ends it");
        if made {
            println!("its token, to be set as {} by clients: {}", wire::TOKEN, token.secret());
        }
    }
    if !address.ip().is_loopback() {
        eprintln!(
            "others than this machine can connect: token and bytes travel readable, so only over a network that you trust"
        );
    }
    let idle = Duration::from_secs(serve.idle.into());
    let served =
        driver::share::serve(&mut way.connect, &listener, &token, idle, &interrupt.flag(), &mut tell)
            .into_diagnostic()?;
    eprintln!("{} clients had the board, {} were refused", served.owners, served.refused);
    Ok(ExitCode::SUCCESS)
}

fn tell(event: &Event) {
    match event {
        Event::Came(client) => eprintln!("{client} has the board"),
        Event::Left(client, Why::Gone) => eprintln!("{client} is gone, the board is free"),
        Event::Left(client, Why::Stuck) => {
            eprintln!("{client} takes no bytes and was cut off, the board is free")
        }
        Event::Left(client, Why::Stopped) => eprintln!("{client} was cut off"),
        Event::Left(client, Why::Board(reason)) => {
            eprintln!("{client} was cut off, the board failed: {reason}")
        }
        Event::NoBoard(client, reason) => {
            eprintln!("{client} was refused, the board can't be reached: {reason}")
        }
    }
}

/// The token, and whether it was made for this time.
fn token(file: Option<&Path>) -> Result<(Token, bool)> {
    let Some(path) = file else {
        return match wire::token()? {
            Some(token) => Ok((token, false)),
            None => Ok((Token::random().into_diagnostic()?, true)),
        };
    };
    let place = || format!("--token-file {}", path.display());
    let content = bounded(path, MAX_TOKEN_FILE).map_err(|problem| miette!("{}: {problem}", place()))?;
    let content = String::from_utf8_lossy(&content);
    let token = content.lines().next().unwrap_or_default().parse().into_diagnostic().wrap_err_with(place)?;
    Ok((token, false))
}
