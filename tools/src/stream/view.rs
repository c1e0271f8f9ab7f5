//! The terminal view: incoming events, the outputs' activity, decisions, queue depth and link use.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use driver::LinkCounts;
use ratatui::Frame;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Stylize as _};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Bar, BarChart, BarGroup, Block, Paragraph, Row, Table};

use super::desk::Decision;
use super::latency::time;
use super::tally::Picture;
use super::windows::QUEUE;

/// How often the terminal is drawn at most.
const PERIOD: Duration = Duration::from_millis(66);
/// Decisions that are remembered: more than a terminal has lines.
const DECISIONS: usize = 200;

/// What is to be seen.
#[derive(Debug, Default)]
pub struct Scene {
    /// Where events were of late.
    pub picture: Option<Picture>,
    /// Spikes of each output neuron in the last window.
    pub activity: Vec<u16>,
    /// The last decisions, the newest first.
    pub decisions: VecDeque<Decision>,
    /// Events so far.
    pub events: u64,
    /// Late ones.
    pub late: u64,
    /// Windows that wait.
    pub queued: u64,
    /// Decisions so far.
    pub decided: u64,
    /// Windows whose class was known, and right decisions of those.
    pub right: (u64, u64),
    /// Events in a second, of late.
    pub event_rate: f64,
    /// Bytes to the board in a second, and from it.
    pub byte_rates: (f64, f64),
    /// Bytes that the line carries in a second, where that is known.
    pub line: Option<f64>,
    /// Frames that were sent again.
    pub repeated: u64,
    rates_at: Option<(Instant, u64, LinkCounts)>,
}

impl Scene {
    /// Remembers a decision.
    pub fn decide(&mut self, decision: Decision) {
        self.decided += 1;
        self.right.0 += u64::from(decision.label.is_some());
        self.right.1 += u64::from(decision.label == Some(decision.prediction));
        self.decisions.push_front(decision);
        self.decisions.truncate(DECISIONS);
    }

    /// Works the rates out, from the counts at `now` and those half a second before.
    pub fn measure(&mut self, now: Instant, link: LinkCounts) {
        let Some((before, events, then)) = self.rates_at else {
            self.rates_at = Some((now, self.events, link));
            return;
        };
        let seconds = now.duration_since(before).as_secs_f64();
        if seconds >= 0.5 {
            let rate = |now: u64, then: u64| now.saturating_sub(then) as f64 / seconds;
            self.event_rate = rate(self.events, events);
            self.byte_rates =
                (rate(link.bytes_sent, then.bytes_sent), rate(link.bytes_received, then.bytes_received));
            self.repeated = link.repeated;
            self.rates_at = Some((now, self.events, link));
        }
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let [top, bottom] = Layout::vertical([Constraint::Min(8), Constraint::Length(4)]).areas(frame.area());
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(55), Constraint::Percentage(45)]).areas(top);
        let [outputs, decisions] =
            Layout::vertical([Constraint::Percentage(45), Constraint::Percentage(55)]).areas(right);
        self.draw_events(frame, left);
        self.draw_outputs(frame, outputs);
        self.draw_decisions(frame, decisions);
        self.draw_state(frame, bottom);
    }

    /// Two cells of the picture a character, one above the other: ON in blue, OFF in orange, as `events render` has them.
    fn draw_events(&self, frame: &mut Frame<'_>, area: Rect) {
        let block = Block::bordered().title(" events: ON blue, OFF orange ");
        let inner = block.inner(area);
        frame.render_widget(block, area);
        let Some(picture) = &self.picture else { return };
        let (columns, rows) = (usize::from(picture.columns), usize::from(picture.rows));
        // The brightest tenth of the cells that have any is full: a hot pixel leaves the others bright.
        let mut counts: Vec<u32> =
            picture.cells.iter().map(|[off, on]| off + on).filter(|&n| n > 0).collect();
        counts.sort_unstable();
        let full = counts.get(counts.len() * 9 / 10).copied().unwrap_or(1).max(1);
        // The whole picture, each cell as often as it takes.
        let (width, height) = (usize::from(inner.width), 2 * usize::from(inner.height));
        let scale = (width as f64 / columns.max(1) as f64).min(height as f64 / rows.max(1) as f64);
        if scale <= 0.0 {
            return;
        }
        let (width, height) = ((columns as f64 * scale) as usize, (rows as f64 * scale) as usize);
        let color = |x: usize, y: usize| {
            let cell = (((y as f64 / scale) as usize).min(rows - 1)) * columns
                + ((x as f64 / scale) as usize).min(columns - 1);
            color(picture.cells[cell], full)
        };
        let line = |y: usize| {
            let cell = |x| {
                let (above, below) =
                    (color(x, y), if y + 1 < height { color(x, y + 1) } else { Color::Reset });
                Span::raw("▀").fg(above).bg(below)
            };
            Line::from((0..width).map(cell).collect::<Vec<_>>())
        };
        let lines: Vec<Line<'_>> = (0..height).step_by(2).map(line).collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }

    fn draw_outputs(&self, frame: &mut Frame<'_>, area: Rect) {
        let winner = self.decisions.front().map(|decision| usize::from(decision.prediction));
        let bars: Vec<Bar<'_>> = (self.activity.iter().enumerate())
            .map(|(class, &spikes)| {
                let bar = Bar::with_label(class.to_string(), u64::from(spikes));
                if winner == Some(class) { bar.style(Color::LightGreen) } else { bar.style(Color::Gray) }
            })
            .collect();
        let chart = BarChart::default()
            .block(Block::bordered().title(" spikes of the outputs "))
            .bar_width(3)
            .data(BarGroup::default().bars(&bars));
        frame.render_widget(chart, area);
    }

    fn draw_decisions(&self, frame: &mut Frame<'_>, area: Rect) {
        let rows = self.decisions.iter().map(|decision| {
            let mark = match decision.label {
                Some(label) if label == decision.prediction => Span::raw("right").green(),
                Some(label) => Span::raw(format!("is {label}")).red(),
                None => Span::raw(""),
            };
            Row::new([
                Line::from(format!("{:.3} s", decision.time_us.end_us as f64 / 1e6)),
                Line::from(decision.prediction.to_string()).bold(),
                Line::from(mark),
                Line::from(decision.events.to_string()),
                Line::from(time(decision.latency_us)),
            ])
        });
        let widths = [14, 6, 7, 9, 10].map(Constraint::Length);
        let header = Row::new(["until", "class", "", "events", "latency"]).dark_gray();
        let table = Table::new(rows, widths).header(header).block(Block::bordered().title(" decisions "));
        frame.render_widget(table, area);
    }

    fn draw_state(&self, frame: &mut Frame<'_>, area: Rect) {
        let (labelled, right) = self.right;
        let accuracy = if labelled > 0 { format!("   right {right} of {labelled}") } else { String::new() };
        let share = self.line.map_or_else(String::new, |line| {
            format!(" ({:.0} % of the line)", 100.0 * self.byte_rates.0 / line)
        });
        let lines = [
            format!(
                "events {}   {:.0}/s   late {}   queue {}/{QUEUE}   decisions {}{accuracy}",
                self.events, self.event_rate, self.late, self.queued, self.decided
            ),
            format!(
                "link to the board {:.1} kB/s{share}   from it {:.1} kB/s   frames sent again {}   q ends",
                self.byte_rates.0 / 1e3,
                self.byte_rates.1 / 1e3,
                self.repeated
            ),
        ];
        let text: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
        frame.render_widget(Paragraph::new(text).block(Block::bordered()), area);
    }
}

/// A cell's colour: its polarity by the larger count, its brightness by both.
fn color([off, on]: [u32; 2], full: u32) -> Color {
    let part = f64::from((off + on).min(full)) / f64::from(full);
    let (r, g, b) = if on >= off { (60.0, 130.0, 255.0) } else { (230.0, 140.0, 20.0) };
    let level = |c: f64| (c * part) as u8;
    Color::Rgb(level(r), level(g), level(b))
}

/// The terminal, as it was before once this goes.
pub struct View {
    terminal: ratatui::DefaultTerminal,
    drawn: Option<Instant>,
    ended: bool,
}

impl View {
    /// Takes the terminal.
    pub fn open() -> io::Result<Self> {
        Ok(Self { terminal: ratatui::try_init()?, drawn: None, ended: false })
    }

    /// Whether it is time to draw again.
    pub fn is_due(&self) -> bool {
        self.drawn.is_none_or(|drawn| drawn.elapsed() >= PERIOD)
    }

    /// Draws `scene` and looks at the keys.
    pub fn show(&mut self, scene: &Scene) -> io::Result<()> {
        self.drawn = Some(Instant::now());
        self.terminal.draw(|frame| scene.draw(frame))?;
        while event::poll(Duration::ZERO)? {
            if let Event::Key(key) = event::read()?
                && key.kind == KeyEventKind::Press
            {
                let control_c =
                    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
                self.ended |= control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc);
            }
        }
        Ok(())
    }

    /// Whether the user has asked for the end.
    pub fn ended(&self) -> bool {
        self.ended
    }
}

impl Drop for View {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

#[cfg(test)]
mod tests;
