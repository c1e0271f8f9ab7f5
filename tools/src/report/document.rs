//! A page, whatever it reports on: one file that refers to nothing outside itself.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::palette;

/// A page with a title.
pub fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) (PreEscaped(palette::dark_rules())) }
            }
            body { main { (body) } }
        }
    }
}

/// An image with its caption. Its label is for those who do not see it.
pub fn figure(id: &str, label: &str, image: &str, caption: &str) -> Markup {
    // Within a page an SVG needs no namespace, and without it the page has no address of anything outside.
    let image = image.replacen(r#" xmlns="http://www.w3.org/2000/svg""#, "", 1);
    html! {
        figure id=(id) {
            div role="img" aria-label=(label) { (PreEscaped(image)) }
            figcaption { (caption) }
        }
    }
}
