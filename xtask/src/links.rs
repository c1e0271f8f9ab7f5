//! Links between the repository's pages: each must lead to a file that exists.

use std::path::{Path, PathBuf};

use crate::root;

/// Fails with every link in a Markdown page that leads to no file.
pub fn check() -> Result<(), String> {
    let mut pages = Vec::new();
    collect(root(), &mut pages).map_err(|error| error.to_string())?;
    let mut broken = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
        let folder = page.parent().unwrap_or(root());
        for target in targets(&text) {
            if !folder.join(&target).exists() {
                broken.push(format!("{} -> {target}", page.strip_prefix(root()).unwrap_or(page).display()));
            }
        }
    }
    if broken.is_empty() {
        println!("{} pages, every link leads to a file", pages.len());
        Ok(())
    } else {
        Err(format!("links that lead nowhere:\n  {}", broken.join("\n  ")))
    }
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if name != "target" && !name.to_string_lossy().starts_with('.') {
                collect(&entry.path(), pages)?;
            }
        } else if entry.path().extension().is_some_and(|extension| extension == "md") {
            pages.push(entry.path());
        }
    }
    Ok(())
}

/// Files that a page's `](target)` links name; addresses of other sites and anchors within the page are left out.
fn targets(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' '))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn links_are_found_and_anchors_dropped() {
        let text = "see [a](a.md), [b](../b.md#part), [c](https://example.org/x.md), [d](#here)";
        assert_eq!(targets(text), ["a.md", "../b.md"]);
    }
}
