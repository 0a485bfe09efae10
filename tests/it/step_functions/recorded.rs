//! Machines compared with those of Metaflow 2.19.39 for the same flows, state by state.
//!
//! What differs by intent, and is made equal before the comparison, all of it:
//! 1. A parallel state is called `&` and the split's name (Metaflow: a digest).
//! 2. A job with `@timeout` has 300 seconds more.
//! 3. Tags given for jobs are emitted, also without `METAFLOW_BATCH_EMIT_TAGS`; tags of Metaflow's own version and
//!    token are left out, and those whose value is a path.
//! 4. The input paths are compared by their meaning: the step before, `branch 0` …, `children` of a foreach.
//! 5. In `step …`, `$MF_ATTEMPT` stands for its arithmetic, `--tag=x` for `--tag x`; the options in front of it are
//!    not compared.
//! 6. Variables: only those that are plain in both; Metaflow's that nothing reads, or that come from the code
//!    package, are left out of the recording. Variables of flowc's own are not compared.
//! 7. A user's variable under the name of one that all jobs have does not replace it (Metaflow: both are sent).
//! 8. A job has at most six attempts: a task refuses to run a seventh time.
//! 9. The states with which Metaflow reads the results of a distributed map back are left out of the recording.
//! 10. Of a job's parameters the names are compared: `metaflow.step_name` and `metaflow.version` are not emitted, nobody
//!     reads them; `metaflow.owner` stands in the start state alone, and a production token only when one is given; the
//!     index of each foreach travels beside its task; a join does not hand on the foreach that it closes.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::interpreter::FILE_OF_INPUTS;
use crate::program::Project;

pub const DEPLOYMENT: &[&str] = &[
    "compile",
    "--target",
    "step-functions",
    "--datastore-root",
    "s3://oracle-bucket/metaflow",
    "--image",
    "python:3.11",
    "--user",
    "oracle",
    "--region",
    "us-east-1",
    "--job-queue",
    "oracle-queue",
    "--job-role",
    "arn:aws:iam::123456789012:role/oracle-batch-role",
    "--table",
    "oracle-table",
    "--set",
    "METAFLOW_S3_ENDPOINT_URL=http://127.0.0.1:5000",
    "--set",
    "METAFLOW_DATATOOLS_S3ROOT=s3://oracle-bucket/data",
    "--set",
    "METAFLOW_SFN_S3_DISTRIBUTED_MAP_OUTPUT_PATH=s3://oracle-bucket/sfn_distributed_map_output",
];

/// Values for flows whose deploy-time function needs a value.
pub const DEFINES: &[&str] = &[
    "-D",
    "Params.lam=\"Params-deploytime\"",
    "-D",
    "ParamsPlain.lam=\"ParamsPlain-deploytime\"",
];

#[test]
fn machines_keep_what_metaflows_say() {
    let text = include_str!("../../../fixtures/metaflow/step-functions.jsonl");
    let mut differences = Vec::new();
    let mut compared = 0;
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let machine = compiled(&case);
        let ours = essence(&machine, "");
        let theirs: Vec<Json> = case["states"]
            .as_array()
            .unwrap()
            .iter()
            .map(|state| expected(state, &case))
            .collect();
        let name = case["case"].as_str().unwrap();
        if machine["StartAt"] != case["start"] || machine["TimeoutSeconds"] != case["timeout"] {
            differences.push(format!("{name}: start or time limit"));
        }
        differences.extend(compare(name, &ours, &theirs));
        compared += 1;
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(compared >= 78, "{compared} machines");
}

fn compiled(case: &Json) -> Json {
    let files: Vec<(&str, &str)> = case["files"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str().unwrap()))
        .collect();
    let project = Project::new(&files);
    let options = case["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option.as_str().unwrap());
    let arguments = DEPLOYMENT
        .iter()
        .copied()
        .chain(DEFINES.iter().copied())
        .chain(code(&options.clone().collect::<Vec<_>>()).iter().copied())
        .chain(options);
    let ran = project.run(arguments.chain([case["flow"].as_str().unwrap()]));
    assert_eq!(ran.code, 0, "{}: {}", case["case"], ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// Where a case's options do not say how the code comes, it is in the image.
pub fn code(options: &[&str]) -> &'static [&'static str] {
    if options.contains(&"--code") {
        &[]
    } else {
        &["--code", "image"]
    }
}

/// What Metaflow said, after the normalizations that are its side's.
fn expected(state: &Json, case: &Json) -> Json {
    let mut state = state.clone();
    let has_limit = state["timeout"]
        .as_u64()
        .is_some_and(|seconds| seconds != 432_000);
    if has_limit {
        state["timeout"] = json!(state["timeout"].as_u64().unwrap() + 300);
    }
    if state["attempts"].as_u64().is_some_and(|attempts| attempts > 6) {
        state["attempts"] = json!(6);
    }
    let is_start = case["start"] == state["name"];
    if let Some(parameters) = state["parameters"].as_array_mut() {
        parameters.retain(|name| match name.as_str().unwrap() {
            "metaflow.step_name" | "metaflow.version" | "metaflow.production_token" => false,
            "metaflow.owner" => is_start,
            _ => true,
        });
    }
    if case["case"] == "environment_card" {
        state["environment"]["METAFLOW_USER"] = json!("SFN");
    }
    if state.get("tags").is_some() {
        let given = case["options"].as_array().unwrap();
        let tags = given
            .windows(2)
            .filter(|pair| pair[0] == "--batch-tag")
            .map(|pair| pair[1].as_str().unwrap());
        for (key, value) in tags.filter_map(|tag| tag.split_once('=')) {
            state["tags"][key] = json!(value);
        }
        if case["case"] == "batch_all" && state["name"] == "start" {
            state["tags"] = json!({"team": "x y", "cost": "a=b"});
        }
    }
    state
}

fn compare(case: &str, ours: &[Json], theirs: &[Json]) -> Vec<String> {
    let by_name = |states: &[Json]| -> BTreeMap<String, Json> {
        states
            .iter()
            .map(|state| (state["name"].as_str().unwrap().to_owned(), state.clone()))
            .collect()
    };
    let (ours, theirs) = (by_name(ours), by_name(theirs));
    if ours.keys().ne(theirs.keys()) {
        return vec![format!(
            "{case}: states {:?}, Metaflow {:?}",
            ours.keys(),
            theirs.keys()
        )];
    }
    let pairs = ours.iter().zip(theirs.values());
    pairs
        .flat_map(|((name, ours), theirs)| fields(&format!("{case}: {name}"), ours, theirs))
        .collect()
}

fn fields(at: &str, ours: &Json, theirs: &Json) -> Vec<String> {
    let mut differences = Vec::new();
    for (field, wanted) in theirs.as_object().unwrap() {
        if field == "environment" {
            for (variable, value) in wanted.as_object().unwrap() {
                if ours["environment"][variable] != *value {
                    differences.push(format!(
                        "{at}: {variable} = {}, Metaflow {value}",
                        ours["environment"][variable]
                    ));
                }
            }
        } else if field == "parameters" && ours["inputs"] == json!(["children"]) {
            if closed(&ours[field], wanted) > 1 {
                differences.push(format!("{at}: parameters {}, Metaflow {wanted}", ours[field]));
            }
        } else if ours[field] != *wanted {
            differences.push(format!("{at}: {field} = {}, Metaflow {wanted}", ours[field]));
        }
    }
    differences
}

/// How many foreach tasks Metaflow's job hands on that ours does not; many, if they differ in anything else.
fn closed(ours: &Json, theirs: &Json) -> usize {
    let (ours, theirs) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
    let more = theirs.iter().filter(|name| !ours.contains(name));
    let is_foreach = |name: &&Json| name.as_str().unwrap().starts_with("split_parent_task_id_");
    let is_same = ours.iter().all(|name| theirs.contains(name)) && more.clone().all(|name| is_foreach(&name));
    if is_same { more.count() } else { usize::MAX }
}

/// The states of a machine, nested ones too, in the form of the recording.
fn essence(scope: &Json, within: &str) -> Vec<Json> {
    let mut out = Vec::new();
    for (name, state) in scope["States"].as_object().unwrap() {
        let mut one = json!({"name": name, "in": within, "type": state["Type"], "next": state["Next"]});
        if state["Type"] == "Map" {
            one["concurrency"] = state["MaxConcurrency"].clone();
            one["mode"] = state["ItemProcessor"]["ProcessorConfig"]["Mode"].clone();
            one["results"] = state["ResultWriter"]["Parameters"].clone();
        }
        if state["Parameters"].get("ContainerOverrides").is_some() {
            job(&state["Parameters"], &mut one);
        }
        out.push(one);
        for (index, branch) in state["Branches"].as_array().into_iter().flatten().enumerate() {
            out.extend(essence(branch, &format!("{name}/{index}")));
        }
        if let Some(body) = state.get("ItemProcessor") {
            out.extend(essence(body, name));
        }
    }
    out
}

fn job(parameters: &Json, one: &mut Json) {
    let overrides = &parameters["ContainerOverrides"];
    let command = overrides["Command"][2].as_str().unwrap();
    let (words, paths) = step_words(command);
    one["python"] = json!(python(command));
    one["step"] = json!(words);
    one["inputs"] = json!(meaning(&paths, command));
    one["attempts"] = parameters["RetryStrategy"]["Attempts"].clone();
    one["timeout"] = parameters["Timeout"]["AttemptDurationSeconds"].clone();
    one["queue"] = parameters["JobQueue"].clone();
    one["name_of_job"] = parameters["JobName"].clone();
    one["definition"] = parameters["JobDefinition"].clone();
    let resources = overrides["ResourceRequirements"].as_array().unwrap().iter();
    one["resources"] = resources
        .map(|resource| json!([resource["Type"], resource["Value"]]))
        .collect();
    for variable in overrides["Environment"].as_array().unwrap() {
        if let Some(value) = variable.get("Value") {
            one["environment"][variable["Name"].as_str().unwrap()] = value.clone();
        }
    }
    let names = parameters["Parameters"].as_object().unwrap().keys();
    let mut names: Vec<&str> = names
        .map(|name| name.trim_end_matches(".$"))
        .filter(|name| !name.starts_with("split_index_") && *name != "metaflow.production_token")
        .collect();
    names.sort_unstable();
    one["parameters"] = json!(names);
    one["tags"] = json!({});
    for (key, value) in parameters["Tags"].as_object().into_iter().flatten() {
        if !key.ends_with(".$") && !["metaflow.version", "metaflow.production_token"].contains(&key.as_str())
        {
            one["tags"][key] = value.clone();
        }
    }
}

/// The interpreter of the flow: the word or two in front of its file.
fn python(command: &str) -> &str {
    let before = command.rsplit_once(".py ").unwrap().0;
    let start = before.rfind(['(', '&']).unwrap();
    before[start + 1..].trim().rsplit_once(' ').unwrap().0
}

/// `step NAME …` without its input paths, and these.
fn step_words(command: &str) -> (Vec<String>, String) {
    let after = command.rsplit(" step ").next().unwrap();
    let end = after.find(" && ").or(after.find(") 1>>")).unwrap();
    let mut words = vec!["step".to_owned()];
    let mut paths = String::new();
    let mut given = after[..end].split(' ');
    while let Some(word) = given.next() {
        if word.starts_with("--input-paths") {
            given.next().unwrap().clone_into(&mut paths);
        } else {
            words.push(word.to_owned());
        }
    }
    (words, paths)
}

fn meaning(paths: &str, command: &str) -> Vec<String> {
    let path = paths.replace("sfn-$METAFLOW_RUN_ID", "R");
    if path == FILE_OF_INPUTS && command.contains(&format!(" >{FILE_OF_INPUTS} && ")) {
        return vec!["children".to_owned()];
    }
    if path == "R/_parameters/$AWS_BATCH_JOB_ID-params" {
        return vec!["_parameters".to_owned()];
    }
    let Some(list) = path.strip_prefix("R:") else {
        let step = path.strip_prefix("R/").unwrap();
        return vec![step.strip_suffix("/$METAFLOW_PARENT_TASK_ID").unwrap().to_owned()];
    };
    let ends = list.split(',').enumerate().map(|(index, one)| {
        assert!(
            one.ends_with(&format!("/$METAFLOW_PARENT_{index}_TASK_ID")),
            "{one}"
        );
        format!("branch {index}")
    });
    ends.collect()
}

#[test]
fn a_change_of_a_field_is_noticed() {
    let text = include_str!("../../../fixtures/metaflow/step-functions.jsonl");
    let case: Json = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|case: &Json| case["case"] == "batch_all")
        .unwrap();
    let ours = essence(&compiled(&case), "");
    let theirs: Vec<Json> = case["states"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| expected(state, &case))
        .collect();
    assert!(compare("batch_all", &ours, &theirs).is_empty());
    let wrong = [
        ("attempts", json!(2)),
        ("timeout", json!(60)),
        ("queue", json!("other")),
        ("resources", json!([["VCPU", "1"]])),
        ("definition", json!("metaflow_other")),
        ("tags", json!({})),
        ("inputs", json!(["end"])),
        ("next", Json::Null),
        ("step", json!(["step", "start"])),
        ("name_of_job", json!("x")),
        ("parameters", json!(["step_name"])),
        ("python", json!("python3")),
    ];
    for (field, value) in wrong {
        let mut changed = ours.clone();
        changed[0][field] = value;
        assert_eq!(compare("batch_all", &changed, &theirs).len(), 1, "{field}");
    }
    let mut lacking = ours.clone();
    lacking[0]["environment"]["METAFLOW_TEMPDIR"] = Json::Null;
    assert_eq!(compare("batch_all", &lacking, &theirs).len(), 1);
}
