//! What a failing task said last, for a reader: its traceback without Metaflow's own frames, and where it happened.

/// The last lines of a task's stderr, told again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastWords {
    pub lines: Vec<String>,
    /// `flow.py:24: ValueError: no`
    pub cause: Option<String>,
}

impl LastWords {
    pub fn new(said: &[String]) -> Self {
        Self {
            lines: without_metaflow(said),
            cause: cause(said),
        }
    }
}

/// Leaves out the frames of Metaflow itself.
fn without_metaflow(said: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_left_out = false;
    for line in said {
        match frame(line) {
            Some((file, _)) => is_left_out = is_metaflow(file),
            None if !line.starts_with("    ") => is_left_out = false,
            None => {}
        }
        if !is_left_out {
            lines.push(line.clone());
        }
    }
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    lines
}

fn is_metaflow(file: &str) -> bool {
    file.contains("/site-packages/metaflow/") || file.starts_with("<flowc")
}

/// The file and line of `  File "flow.py", line 24, in start`.
fn frame(line: &str) -> Option<(&str, &str)> {
    let (file, rest) = line
        .trim_start()
        .strip_prefix("File \"")?
        .split_once("\", line ")?;
    Some((file, rest.split(',').next()?))
}

/// The innermost frame that is not Metaflow's, and the exception behind the traceback.
fn cause(said: &[String]) -> Option<String> {
    let (file, line) = said
        .iter()
        .rev()
        .filter_map(|line| frame(line))
        .find(|(file, _)| !is_metaflow(file))?;
    let last_frame = said.iter().rposition(|line| frame(line).is_some())?;
    let behind = said.get(last_frame + 1..)?.iter();
    let exception = behind
        .clone()
        .find(|line| !line.starts_with(' ') && !line.trim().is_empty())?;
    Some(format!("{file}:{line}: {exception}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_users_frames() {
        let said = [
            "<flow F step start> failed:",
            "    Internal error",
            "Traceback (most recent call last):",
            "  File \"/venv/site-packages/metaflow/task.py\", line 113, in run",
            "    step_function()",
            "    ^^^^^^^^^^^^^^^",
            "  File \"/home/me/f.py\", line 24, in start",
            "    raise ValueError(\"no\")",
            "ValueError: no",
            "",
        ];
        let said = said.map(str::to_owned);
        let words = LastWords::new(&said);
        assert_eq!(words.cause.as_deref(), Some("/home/me/f.py:24: ValueError: no"));
        assert_eq!(words.lines.len(), 6);
        assert!(!words.lines.iter().any(|line| line.contains("step_function")));
    }

    #[test]
    fn says_nothing_where_there_is_no_traceback() {
        assert_eq!(LastWords::new(&["killed".to_owned()]).cause, None);
    }
}
