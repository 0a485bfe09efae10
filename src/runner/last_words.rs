//! What a failing task said last, for a reader: its traceback without Metaflow's own frames, and where it happened.

use std::ops::Range;

/// The last lines of a task's stderr, told again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastWords {
    pub lines: Vec<String>,
    /// `flow.py:24: ValueError: no`
    pub cause: Option<String>,
}

impl LastWords {
    pub fn new(said: &[String]) -> Self {
        let said = of_one_task(said);
        Self {
            lines: without_metaflow(said),
            cause: cause(said),
        }
    }
}

/// What click has against a command line, without the usage of a command that the user did not give.
pub fn usage_error(said: &[String]) -> Option<String> {
    let usage = said.iter().position(|line| line.starts_with("Usage: "))?;
    let mut behind = said.get(usage..)?.iter();
    let error = behind.find_map(|line| line.strip_prefix("Error: "))?;
    let rest: String = behind.map(|line| format!("\n{line}")).collect();
    Some(format!("{error}{rest}").trim_end().to_owned())
}

/// The members of a gang share one stderr. Of several that failed the first is told: that the others lost it, and that
/// the control task waited for it in vain, is what followed.
fn of_one_task(said: &[String]) -> &[String] {
    let mut headers = said
        .iter()
        .enumerate()
        .filter(|(_, line)| is_header(line))
        .map(|(at, _)| at);
    let (Some(first), Some(_)) = (headers.next(), headers.next()) else {
        return said;
    };
    let chains = chains(said).into_iter().filter(|chain| chain.start > first);
    let chains: Vec<_> = chains.collect();
    let has_user_frame = |chain: &&Range<usize>| {
        let lines = said.get(chain.start..chain.end).unwrap_or_default();
        lines
            .iter()
            .any(|line| frame(line).is_some_and(|(file, _)| !is_metaflow(file)))
    };
    let Some(told) = chains.iter().find(has_user_frame).or(chains.first()) else {
        return said;
    };
    // `<flow F step work[2] (input: 2)> failed:` and `Internal error`, where nobody spoke in between.
    let before = told.start.saturating_sub(2);
    let is_header_at = |at: usize| said.get(at).is_some_and(|line| is_header(line));
    let has_head = is_header_at(before) && before.checked_sub(1).is_none_or(|at| !is_header_at(at));
    let start = if has_head { before } else { told.start };
    said.get(start..told.end).unwrap_or(said)
}

fn is_header(line: &str) -> bool {
    line.starts_with("<flow ") && line.ends_with("> failed:")
}

/// The tracebacks, each up to the next one or the next task's.
fn tracebacks(said: &[String]) -> Vec<Range<usize>> {
    let is_start = |line: &String| line.ends_with("Traceback (most recent call last):");
    let starts = said.iter().enumerate().filter(|(_, line)| is_start(line));
    let range = |start: usize| {
        let mut behind = said.iter().enumerate().skip(start + 1);
        let end = behind.find(|(_, line)| is_start(line) || is_header(line));
        start..end.map_or(said.len(), |(end, _)| end)
    };
    starts.map(|(start, _)| range(start)).collect()
}

/// Tracebacks with those of the exceptions that they came from.
fn chains(said: &[String]) -> Vec<Range<usize>> {
    const LINKS: [&str; 2] = [
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
    ];
    let mut chains: Vec<Range<usize>> = Vec::new();
    for traceback in tracebacks(said) {
        let before = said.get(..traceback.start).unwrap_or_default().iter();
        let last = before.rev().find(|line| !line.trim().is_empty());
        let is_linked = last.is_some_and(|line| LINKS.contains(&line.as_str()));
        match chains.last_mut() {
            Some(chain) if is_linked && chain.end == traceback.start => chain.end = traceback.end,
            Some(_) | None => chains.push(traceback),
        }
    }
    chains
}

/// Leaves out the frames of Metaflow itself.
fn without_metaflow(said: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_left_out = false;
    for line in said {
        match frame(line) {
            Some((file, _)) => is_left_out = is_metaflow(file),
            None if !bare(line).starts_with("    ") => is_left_out = false,
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
    let (file, rest) = bare(line)
        .trim_start()
        .strip_prefix("File \"")?
        .split_once("\", line ")?;
    Some((file, rest.split(',').next()?))
}

/// Of the last exception, or of the nearest one behind it that has one: the innermost frame that is not Metaflow's.
fn cause(said: &[String]) -> Option<String> {
    let chain = said.get(chains(said).pop()?)?;
    let tracebacks = tracebacks(chain).into_iter().rev();
    tracebacks
        .filter_map(|traceback| chain.get(traceback))
        .find_map(place_and_exception)
}

/// The place is in the flow's own code where any of it is, else where the exception came from.
fn place_and_exception(traceback: &[String]) -> Option<String> {
    let frames = || {
        let innermost_first = traceback.iter().rev().filter_map(|line| frame(line));
        innermost_first.filter(|(file, _)| !is_metaflow(file))
    };
    let own = frames().find(|(file, _)| !is_library(file));
    let (file, line) = own.or_else(|| frames().next())?;
    let last_frame = traceback.iter().rposition(|line| frame(line).is_some())?;
    let mut behind = traceback.get(last_frame + 1..)?.iter().map(|line| bare(line));
    let exception = behind.find(|line| !line.starts_with(' ') && !line.trim().is_empty())?;
    Some(format!("{file}:{line}: {exception}"))
}

/// Python's own, or of an installed package.
fn is_library(file: &str) -> bool {
    let folders = ["/site-packages/", "/dist-packages/", "/lib/python3."];
    file.starts_with('<') || folders.iter().any(|folder| file.contains(folder))
}

/// A line of an exception group without the bars that show what belongs together.
fn bare(line: &str) -> &str {
    let inner = line.trim_start();
    let inner = inner.strip_prefix("| ").or_else(|| inner.strip_prefix("+ "));
    inner.unwrap_or(line)
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

    /// What a failing member of a gang writes: its header, and a traceback.
    fn failed(node: usize, place: &str, exception: &str) -> Vec<String> {
        let text = format!(
            "<flow F step work[{node}] (input: {node})> failed:
    Internal error
Traceback (most recent call last):
  File \"/v/site-packages/metaflow/task.py\", line 113, in run
    step_function()
{place}{exception}
"
        );
        text.split('\n').map(str::to_owned).collect()
    }

    fn place(line: usize) -> String {
        format!("  File \"/me/f.py\", line {line}, in work\n    code()\n")
    }

    fn told(said: &[Vec<String>]) -> (String, Option<String>) {
        let words = LastWords::new(&said.concat());
        (words.lines.join("\n"), words.cause)
    }

    #[test]
    fn a_member_of_a_gang_speaks_for_itself() {
        let member = failed(2, &place(12), "ValueError: node 2");
        let control = failed(0, "", "Exception: Subprocess failed, return code 1");
        let (lines, cause) = told(&[member.clone(), control.clone()]);
        assert_eq!(cause.as_deref(), Some("/me/f.py:12: ValueError: node 2"));
        assert!(lines.starts_with("<flow F step work[2]"), "{lines}");
        assert!(
            lines.ends_with("ValueError: node 2") && !lines.contains("Subprocess"),
            "{lines}"
        );
        let other = failed(1, &place(13), "KeyError: 1");
        let (lines, cause) = told(&[member, other, control]);
        assert_eq!(cause.as_deref(), Some("/me/f.py:12: ValueError: node 2"));
        assert!(!lines.contains("KeyError"), "{lines}");
    }

    #[test]
    fn members_may_begin_to_speak_at_once() {
        let [mut one, mut other] =
            [(1, 12), (2, 13)].map(|(node, line)| failed(node, &place(line), &format!("E: {node}")));
        let behind = (other.split_off(1), one.split_off(1));
        let (lines, cause) = told(&[one, other, behind.1, behind.0]);
        assert_eq!(cause.as_deref(), Some("/me/f.py:12: E: 1"));
        assert!(!lines.contains("E: 2") && !lines.contains("step work"), "{lines}");
    }

    #[test]
    fn an_exception_comes_with_its_own_place() {
        let logged = "ERROR:root:all the same
Traceback (most recent call last):
  File \"/me/f.py\", line 7, in work
    handled()
KeyError: 'handled'";
        let logged: Vec<String> = logged.split('\n').map(str::to_owned).collect();
        // An artifact that cannot be stored: only Metaflow's own frames.
        let (lines, cause) = told(&[logged.clone(), failed(0, "", "TypeError: cannot pickle")]);
        assert_eq!(cause, None);
        assert!(lines.contains("handled") && lines.contains("cannot pickle"));
        let link = [
            "",
            "During handling of the above exception, another exception occurred:",
            "",
        ];
        let link = link.map(str::to_owned).to_vec();
        let raised = failed(0, &place(9), "ValueError: no").split_off(2);
        let (_, cause) = told(&[logged, link, raised]);
        assert_eq!(cause.as_deref(), Some("/me/f.py:9: ValueError: no"));
    }

    #[test]
    fn the_place_is_in_the_flow_where_any_of_it_is() {
        let library = "  File \"/usr/lib/python3.11/json/decoder.py\", line 353, in raw_decode\n    scan()\n";
        let (_, cause) = told(&[failed(0, &(place(5) + library), "json.JSONDecodeError: no")]);
        assert_eq!(cause.as_deref(), Some("/me/f.py:5: json.JSONDecodeError: no"));
        let (_, cause) = told(&[failed(0, library, "json.JSONDecodeError: no")]);
        assert_eq!(
            cause.as_deref(),
            Some("/usr/lib/python3.11/json/decoder.py:353: json.JSONDecodeError: no")
        );
    }

    /// As Python 3.11 prints `raise ExceptionGroup("both", [ValueError("a"), TypeError("b")])`.
    #[test]
    fn a_group_of_exceptions_has_a_place_too() {
        let said = "  + Exception Group Traceback (most recent call last):
  |   File \"/v/site-packages/metaflow/task.py\", line 113, in run
  |     step_function()
  |   File \"/me/f.py\", line 79, in start
  |     raise ExceptionGroup(\"both\", [ValueError(\"a\"), TypeError(\"b\")])
  | ExceptionGroup: both (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: a
    +---------------- 2 ----------------
    | TypeError: b
    +------------------------------------";
        let said: Vec<String> = said.split('\n').map(str::to_owned).collect();
        let words = LastWords::new(&said);
        assert_eq!(
            words.cause.as_deref(),
            Some("/me/f.py:79: ExceptionGroup: both (2 sub-exceptions)")
        );
        let shown = words.lines.join("\n");
        assert!(
            !shown.contains("step_function()") && shown.contains("raise ExceptionGroup"),
            "{shown}"
        );
    }

    #[test]
    fn a_command_line_is_refused_without_its_usage() {
        let said = [
            "Usage: f.py init [OPTIONS]",
            "Try 'f.py init --help' for help.",
            "",
            "Error: Missing option '--req'.",
            "",
        ];
        let error = usage_error(&said.map(str::to_owned));
        assert_eq!(error.as_deref(), Some("Missing option '--req'."));
        assert_eq!(usage_error(&["Error: no".to_owned()]), None);
    }

    #[test]
    fn says_nothing_where_there_is_no_traceback() {
        assert_eq!(LastWords::new(&["killed".to_owned()]).cause, None);
    }
}
