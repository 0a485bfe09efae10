//! `flowc init`: a `flowc.toml` in which everything stands, commented; never over a file that is there.

use std::path::Path;

use anyhow::{Result, bail};

use super::arguments::Init;
use super::terminal::Voice;
use super::{Outcome, write};
use crate::settings::keys::{FREE_TABLES, KEYS, Key};

/// What nothing can be emitted without stands uncommented.
const REQUIRED: [&str; 3] = ["datastore-root", "code", "image"];

pub(super) fn run(arguments: &Init, voice: Voice) -> Result<Outcome> {
    let path = if arguments.folder == Path::new(".") {
        "flowc.toml".into()
    } else {
        arguments.folder.join("flowc.toml")
    };
    if path.symlink_metadata().is_ok() {
        bail!("`{}` is there already; it is not written over", path.display());
    }
    if !arguments.folder.is_dir() {
        bail!("there is no folder `{}`", arguments.folder.display());
    }
    write::new(&path, &text())?;
    voice.note(format!("wrote {}", path.display()));
    Ok(Outcome::Clean)
}

/// The file, from the table of settings.
fn text() -> String {
    let mut text = String::from(
        "# Settings of flowc. An option of the command line wins over this file;\n\
         # `flowc settings` shows what is in force and where it came from.\n\n\
         # What a definition needs:\n",
    );
    let (required, others): (Vec<&Key>, Vec<&Key>) =
        KEYS.iter().partition(|key| REQUIRED.contains(&key.name));
    for key in required {
        text += &format!("\n# {}\n{} = {}\n", key.about, key.name, key.example);
    }
    text += "\n# What it may say besides:\n";
    let mut table = "";
    for key in others {
        let (its_table, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if its_table != table {
            table = its_table;
            text += &format!("\n[{table}]\n");
        }
        let default = if key.default.is_empty() {
            String::new()
        } else {
            format!(" (default: {})", key.default)
        };
        text += &format!("# {}{default}\n# {name} = {}\n", key.about, key.example);
    }
    for (table, about) in FREE_TABLES {
        text += &format!(
            "\n# {}{}\n[{table}]\n# {}\n",
            capital(about),
            ".",
            free_example(table)
        );
    }
    text
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

fn free_example(table: &str) -> &'static str {
    match table {
        "values" => "\"TrainFlow.alpha\" = 0.5",
        "decorators" => "gpu_profile = \"harmless\"",
        "bases" => "LoggingMixin = \"harmless\"",
        "configs" => "config = \"config.json\"",
        "config-values" => "config = { learning_rate = 0.1 }",
        _ => "SERVICE_URL = \"https://metaflow.example/\"",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::file;

    #[test]
    fn what_is_written_can_be_read_commented_or_not() {
        let text = super::text();
        file::parse(Path::new("flowc.toml"), &text).unwrap();
        let is_setting = |rest: &&str| rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let uncommented = |line: &str| {
            line.strip_prefix("# ")
                .filter(is_setting)
                .unwrap_or(line)
                .to_owned()
                + "\n"
        };
        let all: String = text.lines().map(uncommented).collect();
        let layer = file::parse(Path::new("flowc.toml"), &all).unwrap().unwrap();
        assert_eq!(layer.given.len(), crate::settings::keys::KEYS.len());
    }
}
