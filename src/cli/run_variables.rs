//! Options of `run` and `resume` that the environment gives, as Metaflow reads them: `METAFLOW_RUN_MAX_NUM_SPLITS=500`.
//! Knows no parameters of flows.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, bail};

use super::run_arguments::{Kind, RunOptions};

/// Fills in what the command line does not give. The names are those of Metaflow's own options (2.19.39,
/// `run_cmds.py`: click's `auto_envvar_prefix`), where `--namespace` is called `user_namespace`.
///
/// # Errors
/// A value that is not of the option's kind.
pub(super) fn apply(
    kind: Kind,
    options: &mut RunOptions,
    environment: &BTreeMap<String, String>,
) -> Result<()> {
    let prefix = match kind {
        Kind::Run => "METAFLOW_RUN_",
        Kind::Resume => "METAFLOW_RESUME_",
    };
    let given = |name: &str| {
        let value = environment.get(&format!("{prefix}{name}"));
        value.filter(|value| !value.is_empty())
    };
    let number = |name: &'static str| (format!("{prefix}{name}"), given(name));
    fill(&mut options.max_workers, number("MAX_WORKERS"))?;
    fill(&mut options.max_num_splits, number("MAX_NUM_SPLITS"))?;
    fill(&mut options.max_log_size, number("MAX_LOG_SIZE"))?;
    let path = |name: &str| given(name).map(PathBuf::from);
    let run_id_file = options.run_id_file.take();
    options.run_id_file = run_id_file.or_else(|| path("RUN_ID_FILE"));
    let attribute_file = options.runner_attribute_file.take();
    options.runner_attribute_file = attribute_file.or_else(|| path("RUNNER_ATTRIBUTE_FILE"));
    let namespace = options.namespace.take();
    options.namespace = namespace.or_else(|| given("USER_NAMESPACE").cloned());
    // Options that may be repeated are split at blanks.
    let words = |name: &str| given(name).into_iter().flat_map(|value| value.split_whitespace());
    if options.tags.is_empty() {
        options.tags = words("TAGS").map(str::to_owned).collect();
    }
    if options.with.is_empty() {
        options.with = words("DECOSPECS").map(str::to_owned).collect();
    }
    Ok(())
}

fn fill<N: FromStr + Default + PartialEq>(
    option: &mut Option<N>,
    (name, given): (String, Option<&String>),
) -> Result<()> {
    let (None, Some(given)) = (&option, given) else {
        return Ok(());
    };
    match given.trim().parse::<N>() {
        Ok(number) if number != N::default() => *option = Some(number),
        Ok(_) | Err(_) => bail!("{name} is `{given}`, which is no whole number above 0"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: RunOptions,
    }

    fn applied(words: &[&str], variables: &[(&str, &str)]) -> Result<RunOptions> {
        let mut line = Line::parse_from([&["run"], words].concat());
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        apply(
            Kind::Run,
            &mut line.options,
            &variables.iter().map(owned).collect(),
        )?;
        Ok(line.options)
    }

    #[test]
    fn the_command_line_goes_before_the_environment() {
        let variables = [
            ("METAFLOW_RUN_MAX_NUM_SPLITS", "2"),
            ("METAFLOW_RUN_MAX_WORKERS", "3"),
            ("METAFLOW_RUN_RUN_ID_FILE", "id"),
            ("METAFLOW_RUN_USER_NAMESPACE", "user:me"),
            ("METAFLOW_RUN_TAGS", "a b"),
            ("METAFLOW_RUN_DECOSPECS", "retry timeout:seconds=3"),
            ("METAFLOW_RUN_MAX_LOG_SIZE", ""),
        ];
        let options = applied(&["--max-workers", "5"], &variables).unwrap();
        assert_eq!(
            (options.max_num_splits, options.max_workers, options.max_log_size),
            (Some(2), Some(5), None)
        );
        assert_eq!(options.run_id_file, Some(PathBuf::from("id")));
        assert_eq!(options.namespace.as_deref(), Some("user:me"));
        assert_eq!(options.tags, ["a", "b"]);
        assert_eq!(options.with, ["retry", "timeout:seconds=3"]);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in ["abc", "0", "-1", "1.5"] {
            let error = applied(&[], &[("METAFLOW_RUN_MAX_WORKERS", wrong)]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("METAFLOW_RUN_MAX_WORKERS is `{wrong}`, which is no whole number above 0")
            );
        }
    }
}
