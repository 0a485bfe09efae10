//! What `.gitignore` and the settings say of a file, in git's syntax.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::choose;

/// The settings' own patterns, over names in the package.
#[derive(Debug)]
pub struct Patterns {
    include: Gitignore,
    exclude: Gitignore,
}

impl Patterns {
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self> {
        Ok(Self {
            include: matcher(include, "package.include")?,
            exclude: matcher(exclude, "package.exclude")?,
        })
    }

    /// Is anything asked for beyond what suffixes choose?
    pub fn has_includes(&self) -> bool {
        !self.include.is_empty()
    }

    pub fn includes(&self, name: &str) -> bool {
        self.include.matched_path_or_any_parents(name, false).is_ignore()
    }

    pub fn excludes(&self, name: &str, is_folder: bool) -> bool {
        self.exclude
            .matched_path_or_any_parents(name, is_folder)
            .is_ignore()
    }
}

fn matcher(patterns: &[String], key: &str) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        if has_open_class(pattern) {
            bail!("{key}: `{pattern}` opens a `[` that nothing closes; `\\[` is the character");
        }
        builder
            .add_line(None, pattern)
            .with_context(|| format!("{key}: `{pattern}`"))?;
    }
    builder.build().with_context(|| key.to_owned())
}

/// `[` without `]`: nothing for git, the character itself for the matcher.
fn has_open_class(pattern: &str) -> bool {
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            // The first character belongs to the class, whatever it is.
            '[' if !characters.as_str().chars().skip(1).any(|c| c == ']') => return true,
            '[' => {
                characters.next();
                characters.find(|c| *c == ']');
            }
            _ => {}
        }
    }
    false
}

/// The `.gitignore` files from the repository's root (or the folder that is packed) down to a folder.
#[derive(Clone, Debug, Default)]
pub struct Ignores(Vec<Gitignore>);

impl Ignores {
    /// Those that hold for a folder from outside of it: without a repository there are none.
    pub fn around(folder: &Path) -> Result<Self> {
        let mut ignores = Self::default();
        let absolute = std::path::absolute(folder).context("no working directory")?;
        let Some(root) = absolute.ancestors().find(|folder| folder.join(".git").exists()) else {
            return Ok(ignores);
        };
        let mut outer: Vec<PathBuf> = absolute.ancestors().skip(1).map(Path::to_owned).collect();
        outer.retain(|folder| folder.starts_with(root));
        for folder in outer.into_iter().rev() {
            ignores = ignores.below(&folder)?;
        }
        Ok(ignores)
    }

    /// With the `.gitignore` of this folder, where it has one.
    pub fn below(&self, folder: &Path) -> Result<Self> {
        let mut ignores = self.clone();
        let path = folder.join(".gitignore");
        if !path.is_file() {
            return Ok(ignores);
        }
        let bytes = choose::read(&path)?;
        let folder = std::path::absolute(folder).context("no working directory")?;
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(&bytes).lines() {
            // git passes over a line that it cannot read, and so do its users.
            let _ = builder.add_line(None, line);
        }
        ignores.0.push(builder.build()?);
        Ok(ignores)
    }

    /// The innermost file that speaks of a path decides.
    pub fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let Ok(path) = std::path::absolute(path) else {
            return false;
        };
        let spoken = self.0.iter().rev().map(|ignore| ignore.matched(&path, is_folder));
        spoken
            .into_iter()
            .find(|spoken| !spoken.is_none())
            .is_some_and(|spoken| spoken.is_ignore())
    }
}
