//! The DAG itself: its id, schedule, parameters, and where parameters' values are looked for.

use super::operator::seconds_of;
use super::python::{Py, push_escaped, quote};
use crate::decorator::cron::Cron;
use crate::flow::ParameterType;
use crate::plan::{Plan, PlannedParameter, json};
use crate::settings::airflow::START_DATE;

/// The DAG's id: `--name`, else `project.branch.Flow`, else the flow's name.
pub fn id(plan: &Plan) -> String {
    let project = plan.flow.project.as_ref().map(|project| project.flow.as_str());
    plan.deployment
        .name
        .as_deref()
        .or(project)
        .unwrap_or(&plan.flow.name)
        .to_owned()
}

/// The first line of the file's docstring.
pub fn title(plan: &Plan) -> String {
    let description = description(plan).unwrap_or_default();
    let line = description.lines().next().unwrap_or("").trim();
    let is_fit = !line.is_empty() && line.chars().all(|c| c != '\\' && c != '"' && !c.is_control());
    let placeholder = if plan.deployment.is_draft {
        "Draft, not to be deployed: "
    } else {
        ""
    };
    if is_fit {
        format!("{placeholder}{}: {line}", plan.flow.name)
    } else {
        format!("{placeholder}{} for Airflow.", plan.flow.name)
    }
}

/// A text within the file's docstring, escaped where it could end that or be read as an escape.
pub fn in_docstring(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        push_escaped(&mut out, character, '"');
    }
    out
}

fn description(plan: &Plan) -> Option<&str> {
    plan.flow
        .docstring
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// Airflow takes a text that ends in `.md` for the name of a file.
fn markdown(text: &str) -> Py {
    let is_file_name = text.as_bytes().ends_with(b".md");
    Py::text(if is_file_name {
        format!("{text}\n")
    } else {
        text.to_owned()
    })
}

/// `DAG(…)`
pub fn call(plan: &Plan) -> String {
    let airflow = &plan.deployment.airflow;
    let mut keywords = vec![("dag_id".to_owned(), Py::text(id(plan)))];
    keywords.extend(description(plan).map(|text| ("doc_md".to_owned(), markdown(text))));
    keywords.extend([
        ("schedule".to_owned(), schedule(plan).map_or(Py::None, Py::Str)),
        ("start_date".to_owned(), start_date(plan)),
        ("catchup".to_owned(), Py::Bool(false)),
        ("max_active_runs".to_owned(), Py::Int(airflow.max_active_runs)),
        (
            "max_active_tasks".to_owned(),
            Py::Int(i64::from(plan.deployment.max_workers)),
        ),
        ("is_paused_upon_creation".to_owned(), Py::Bool(airflow.is_paused)),
    ]);
    keywords.extend(
        plan.deployment
            .workflow_timeout
            .map(|seconds| ("dagrun_timeout".to_owned(), seconds_of(seconds))),
    );
    keywords.push(("tags".to_owned(), Py::texts(tags(plan))));
    keywords.push(("default_args".to_owned(), default_arguments(plan)));
    let parameters = parameters(plan);
    if !parameters.is_empty() {
        keywords.push(("params".to_owned(), Py::dict(parameters)));
    }
    Py::call("DAG", keywords).write(0, "with ".len(), 1)
}

fn default_arguments(plan: &Plan) -> Py {
    let pool = plan
        .deployment
        .airflow
        .worker_pool
        .as_deref()
        .map(|pool| ("pool", Py::text(pool)));
    let owner = [("owner", Py::text(plan.deployment.owner.as_str()))];
    Py::dict(owner.into_iter().chain(pool))
}

/// Characters of a DAG's tag.
pub const LONGEST_TAG: usize = 100;

/// Does Airflow take it for a DAG's tag?
pub fn is_tag(tag: &str) -> bool {
    tag.chars().count() <= LONGEST_TAG
}

/// Metaflow's own tags, then the deployment's, as many as Airflow takes.
fn tags(plan: &Plan) -> Vec<String> {
    let mut tags = vec!["metaflow".to_owned(), plan.flow.name.clone()];
    if let Some(project) = &plan.flow.project {
        tags.push(format!("project:{}", project.project));
        tags.push(format!("project_branch:{}", project.branch));
    }
    tags.extend(plan.deployment.tags.iter().cloned());
    let mut seen = Vec::new();
    tags.retain(|tag| {
        let is_new = is_tag(tag) && !seen.contains(tag);
        seen.push(tag.clone());
        is_new
    });
    tags
}

/// Five fields; a rule refuses what they cannot say.
fn schedule(plan: &Plan) -> Option<String> {
    let cron = plan.cron()?;
    Some(
        Cron::parse(cron)
            .and_then(|cron| cron.to_unix())
            .unwrap_or_else(|_| cron.to_owned()),
    )
}

fn zone(plan: &Plan) -> Option<&str> {
    plan.cron()?;
    let schedule = plan.flow.request.schedule.as_ref()?;
    schedule.timezone.as_deref().filter(|zone| !zone.is_empty())
}

/// Does the schedule name a time zone?
pub fn has_zone(plan: &Plan) -> bool {
    zone(plan).is_some()
}

/// The start date in the time zone of the schedule, by which Airflow reads it. A date without offset is of that zone.
fn start_date(plan: &Plan) -> Py {
    let given = plan.deployment.airflow.start_date.as_deref();
    let date = given.unwrap_or(START_DATE);
    let Some(zone) = zone(plan) else {
        let aware = if has_offset(date) {
            in_utc(date)
        } else {
            format!("{}+00:00", with_time(date))
        };
        return Py::name(from_iso(&aware));
    };
    let zone = Py::name(format!("zoneinfo.ZoneInfo({})", quote(zone)));
    if given.is_some_and(has_offset) {
        let moved = format!("{}.astimezone", from_iso(&in_utc(date)));
        return Py::call(&moved, vec![("tz".to_owned(), zone)]);
    }
    let local: String = date.chars().take(19).collect();
    Py::call(
        &format!("{}.replace", from_iso(&local)),
        vec![("tzinfo".to_owned(), zone)],
    )
}

/// `2024-01-01T00:00:00-05:00`
fn has_offset(date: &str) -> bool {
    date.len() == 25
}

fn from_iso(date: &str) -> String {
    format!("datetime.datetime.fromisoformat({})", quote(date))
}

/// The same moment in UTC: Airflow reads the schedule in the zone of the start date.
fn in_utc(date: &str) -> String {
    let moment = date.parse::<jiff::Timestamp>();
    moment.map_or_else(
        |_| date.to_owned(),
        |moment| moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
    )
}

fn with_time(date: &str) -> String {
    match date.len() {
        10 => format!("{date}T00:00:00"),
        16 => format!("{date}:00"),
        _ => date.to_owned(),
    }
}

/// Option → variable in which `init` looks for its value (click's `auto_envvar_prefix`).
pub fn initial_variables(plan: &Plan) -> Vec<(String, Py)> {
    let name = |parameter: &PlannedParameter| {
        format!(
            "METAFLOW_INIT_{}",
            parameter.name.replace('-', "_").to_uppercase()
        )
    };
    plan.parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), Py::text(name(parameter))))
        .collect()
}

fn parameters(plan: &Plan) -> Vec<(String, Py)> {
    plan.parameters
        .iter()
        .map(|parameter| (parameter.name.clone(), param(parameter)))
        .collect()
}

/// `Param(0.5, type=["number", "string"], description="…")`. The form and the command line of Airflow may give
/// a number as text.
///
/// A field of the form of Airflow 2 has to be filled unless null is allowed, and it shows `False` and `""` as nothing
/// (`trigger.html`): null stands for the default there.
fn param(parameter: &PlannedParameter) -> Py {
    let default = (!parameter.is_required).then(|| default(parameter));
    let mut types = match parameter.value_type {
        ParameterType::Int => vec!["integer", "string"],
        ParameterType::Float => vec!["number", "string"],
        ParameterType::Bool => vec!["boolean", "string"],
        ParameterType::Str | ParameterType::File => vec!["string"],
        // Any JSON.
        ParameterType::Json | ParameterType::Other => Vec::new(),
    };
    let is_shown_empty = match &default {
        Some(Py::None | Py::Bool(_)) => true,
        Some(Py::Str(text)) => text.is_empty(),
        Some(_) | None => false,
    };
    if is_shown_empty && !types.is_empty() {
        types.insert(0, "null");
    }
    let has_lines = matches!(&default, Some(Py::Str(text)) if text.contains('\n'));
    let mut keywords = Vec::new();
    match types.as_slice() {
        [] => {}
        [one] => keywords.push(("type".to_owned(), Py::text(*one))),
        several => keywords.push(("type".to_owned(), Py::texts(several.iter().copied()))),
    }
    if has_lines {
        keywords.push(("format".to_owned(), Py::text("multiline")));
    }
    keywords.extend(
        parameter
            .help
            .as_deref()
            .map(|help| ("description".to_owned(), Py::text(help))),
    );
    Py::Call {
        callee: "Param".to_owned(),
        arguments: default.into_iter().collect(),
        keywords,
    }
}

/// The default with its JSON type: what `init` is given is text all the same.
fn default(parameter: &PlannedParameter) -> Py {
    let Some(text) = parameter.default_json() else {
        return Py::None;
    };
    if let (ParameterType::Bool, "0" | "1" | "0.0" | "1.0") = (parameter.value_type, text.as_str()) {
        // As click reads it; Airflow refuses a DAG whose default has another type, once it is scheduled.
        return Py::Bool(text.starts_with('1'));
    }
    serde_json::from_str(&text).map_or_else(
        |_| Py::text(text.as_str()),
        |value| Py::value(&json::from_json(&value)),
    )
}

#[cfg(test)]
mod tests {
    use super::{in_utc, with_time};

    #[test]
    fn a_date_gets_a_time() {
        assert_eq!(with_time("2024-01-01"), "2024-01-01T00:00:00");
        assert_eq!(with_time("2024-01-01T06:00"), "2024-01-01T06:00:00");
        assert_eq!(in_utc("2024-01-01T00:00:00-05:00"), "2024-01-01T05:00:00+00:00");
        assert_eq!(in_utc("2024-01-01T00:00:00+00:00"), "2024-01-01T00:00:00+00:00");
    }
}
