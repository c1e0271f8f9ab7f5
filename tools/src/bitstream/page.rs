//! A bitstream to be looked at: how full, how fast, what bounds the clock, where it sits.

use maud::{Markup, html};
use plotters::element::{Circle, PathElement};
use plotters::style::Color;

use super::report::{CriticalPath, Report};
use crate::report::axis::Axis;
use crate::report::document::{document, figure};
use crate::report::drawing::{beside, svg};
use crate::report::frame::Frame;
use crate::report::numbers::{NONE, decimal, grouped, percent};
use crate::report::palette::{BLUE, INK, MUTED, VERMILLION};

/// Width of a figure that has a row to itself, in pixels.
const WIDE: u32 = 880;
/// Height of a seed's line in the figure of the seeds, and of what is around the lines, in pixels.
const SEED: u32 = 18;
const AROUND_SEEDS: u32 = 60;

/// The whole page; it refers to nothing outside itself. `placement` is the picture of the die.
pub fn page(report: &Report, placement: Option<&str>) -> Markup {
    let made = &report.manifest;
    document(
        &format!("Bitstream of {}", made.board),
        &html! {
            (headline(report))
            section id="utilisation" { h2 { "How full" } (utilisation(report)) }
            section id="seeds" { h2 { "How fast" } (seeds(report)) }
            @if let Some(path) = &report.critical_path {
                section id="path" { h2 { "What bounds the clock" } (critical_path(path, made.wanted_mhz)) }
            }
            @if let Some(placement) = placement {
                section id="placement" {
                    h2 { "Where it sits" }
                    (figure("die", "The die with its cells, coloured by unit", placement, "Each small bar is a logic cell, a larger \
                        one a memory or a multiplier, coloured by the unit of the datapath that it is a part of; beside a unit how \
                        many it has. Cells of a unit drift together as far as the wires let them. The line is the slowest path."))
                }
            }
            section id="made" { h2 { "What it is" } div.wide { (facts(report)) } }
        },
    )
}

fn headline(report: &Report) -> Markup {
    let made = &report.manifest;
    html! {
        header id="headline" {
            h1 { "Bitstream of " (made.board) }
            p.result {
                strong { (decimal(made.mhz, 2)) "\u{202F}MHz" }
                " after routing, " (decimal(made.wanted_mhz, 2)) " wanted"
            }
            dl {
                div { dt { "board" } dd { (made.description) } }
                div { dt { "part" } dd { (made.part) } }
                div { dt { "lanes, synapses" } dd { (made.engine.lanes) ", " (grouped(made.engine.synapses.into())) } }
                div { dt { "size" } dd { (grouped(made.bytes.into())) " bytes" } }
            }
        }
    }
}

fn utilisation(report: &Report) -> Markup {
    let used = &report.manifest.utilisation;
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { "cells" }
                @for name in ["used", "of", ""] { th.number scope="col" { (name) } }
                th scope="col" {}
            } }
            tbody { @for (name, [used, of]) in used.rows().into_iter().filter(|(_, [_, of])| *of > 0) {
                @let part = used as f64 / of as f64;
                tr {
                    th scope="row" { (name) }
                    td.number { (grouped(used.into())) }
                    td.number { (grouped(of.into())) }
                    td.number { (percent(part)) }
                    td { div.bar { div style={ "width: " (decimal(part.min(1.0) * 100.0, 1)) "%" } {} } }
                }
            } }
        } }
        p.caption {
            "Placed, core and shell. The netlist before it: " (grouped(used.luts.into())) " LUTs and "
            (grouped(used.flip_flops.into())) " flip-flops, which share logic cells where they can."
        }
    }
}

fn seeds(report: &Report) -> Markup {
    let made = &report.manifest;
    let spread = &made.spread;
    html! {
        (figure("tried", "MHz reached with each seed", &tried(report), "Each dot is a placement from another seed: right of the \
            line it meets the clock. The circle is around the one that the bitstream is made of."))
        @if spread.seeds > 1 {
            p.caption {
                (spread.met) " of " (spread.seeds) " seeds met the clock. Slowest " (decimal(spread.minimum, 2))
                ", median " (decimal(spread.median, 2)) ", fastest " (decimal(spread.maximum, 2)) " MHz."
                @if spread.unrouted > 0 { " " "Without a dot: " (spread.unrouted) ", not routed in time." }
            }
        }
        div.wide { table {
            thead { tr {
                th scope="col" { "clock" }
                @for name in ["MHz", "wanted"] { th.number scope="col" { (name) } }
            } }
            tbody { @for (name, clock) in &report.clocks { tr {
                th scope="row" { code { (name) } }
                td.number { (decimal(clock.mhz, 2)) }
                td.number { (decimal(clock.wanted_mhz, 2)) }
            } } }
        } }
    }
}

/// The seeds, a line each, over MHz.
fn tried(report: &Report) -> String {
    let (wanted, tried) = (report.manifest.wanted_mhz, &report.tried);
    let lines = u32::try_from(tried.len()).unwrap_or(u32::MAX);
    let mhz = tried.iter().filter_map(|tried| tried.mhz).chain([wanted]);
    let x = Axis::around(mhz, 0.0..=f64::MAX);
    let y = Axis::places(1, lines, 1).bare();
    let height = lines.saturating_mul(SEED).saturating_add(AROUND_SEEDS);
    svg((WIDE, height), |area| {
        let frame = Frame { top: 20, right: 30, left: 70, bottom: 36, across: "MHz", lines: false };
        let mut chart = frame.draw(area, &x, &y)?;
        let (low, high) = y.ends();
        chart.draw_series([PathElement::new([(wanted, low), (wanted, high)], VERMILLION)])?;
        let label = chart.backend_coord(&(wanted, high));
        area.draw_text("wanted", &beside(VERMILLION), (label.0 + 4, label.1 - 8))?;
        for (line, tried) in (1..=lines).rev().zip(tried) {
            let y = f64::from(line);
            let (_, height) = chart.backend_coord(&(x.ends().0, y));
            area.draw_text(&format!("seed {}", tried.seed), &beside(MUTED), (4, height))?;
            let Some(mhz) = tried.mhz else {
                area.draw_text("not routed", &beside(MUTED), (74, height))?;
                continue;
            };
            chart.draw_series([Circle::new((mhz, y), 4, BLUE.filled())])?;
            if tried.seed == report.manifest.seed {
                chart.draw_series([Circle::new((mhz, y), 7, INK.stroke_width(1))])?;
            }
        }
        Ok(String::new())
    })
}

fn critical_path(path: &CriticalPath, wanted_mhz: f64) -> Markup {
    html! {
        p.caption {
            "The slowest way from one register to another takes " (decimal(path.ns, 2)) " of the "
            (decimal(1000.0 / wanted_mhz, 2)) " ns of a cycle: " (decimal(path.cells_ns, 2)) " in cells, "
            (decimal(path.wires_ns, 2)) " in wires. From " code { (path.from) } " to " code { (path.to) }
            ". Lines are those of the Verilog beside this page."
        }
        div.wide { table {
            thead { tr {
                th scope="col" { "unit" }
                th scope="col" { "signal" }
                th scope="col" { "Verilog" }
                @for name in ["cells", "ns in cells", "in wires", "at"] { th.number scope="col" { (name) } }
            } }
            tbody { @for step in &path.steps { tr {
                th scope="row" { (step.unit) }
                td { code { (step.signal) } }
                td { @match &step.source {
                    Some(place) => { (place.line) ": " code { (place.text) } }
                    None => { (NONE) }
                } }
                td.number { (step.cells) }
                td.number { (decimal(step.cells_ns, 2)) }
                td.number { (decimal(step.wires_ns, 2)) }
                td.number { (decimal(step.at_ns, 2)) }
            } } }
        } }
    }
}

fn facts(report: &Report) -> Markup {
    let made = &report.manifest;
    let fact = |name: &str, value: Markup| html! { tr { th scope="row" { (name) } td { (value) } } };
    html! {
        table.facts {
            (fact("File", html! { code { (made.bitstream) } }))
            (fact("SHA-256", html! { code { (made.sha256) } }))
            (fact("SHA-256 of the Verilog", html! { code { (made.source_sha256) } }))
            (fact("Seed", html! { (made.seed) }))
            (fact("ABI", html! { (made.abi) }))
            @for (tool, version) in &made.tools {
                (fact(tool, html! { @if version.is_empty() { "does not tell its version" } @else { (version) } }))
            }
        }
    }
}
