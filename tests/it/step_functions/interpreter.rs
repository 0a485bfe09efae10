//! A small interpreter of the States Language with jobs that do what their commands say: enough to see that
//! each job gets the inputs that the flow means. A reader that is stricter than AWS: a path that leads nowhere,
//! an unknown field or a state that is not there ends the test.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::model::{Chooser, Task};

/// What an execution did.
#[derive(Default)]
pub struct Execution {
    /// By job id.
    jobs: BTreeMap<String, Task>,
    /// In the order of their submission.
    pub tasks: Vec<Task>,
    /// The inputs of a task, in order, by its name.
    pub inputs: BTreeMap<String, Vec<String>>,
    /// The most characters of container overrides that a state's jobs had.
    pub overrides: BTreeMap<String, usize>,
    turns: BTreeMap<(String, Vec<usize>), usize>,
    /// DynamoDB: key → attribute → value.
    items: BTreeMap<String, BTreeMap<String, Json>>,
}

/// The name of the execution, as long as AWS allows.
pub const NAME: &str = "an-execution-with-a-name-as-long-as-it-may-be-0123456789-0123456789-0123456789-0";

/// Context object of one place in the machine.
#[derive(Clone)]
struct Context<'a> {
    /// In a distributed map the name of the child.
    execution: &'a str,
    item: Option<String>,
}

pub fn run(machine: &Json, chooser: &Chooser) -> Execution {
    run_with(machine, json!({}), chooser)
}

/// Runs a machine with this input.
pub fn run_with(machine: &Json, input: Json, chooser: &Chooser) -> Execution {
    let mut execution = Execution::default();
    let context = Context {
        execution: NAME,
        item: None,
    };
    execution.scope(machine, input, &context, chooser);
    execution
}

impl Execution {
    fn scope(&mut self, scope: &Json, input: Json, context: &Context, chooser: &Chooser) -> Json {
        let states = scope["States"].as_object().unwrap();
        let mut name = scope["StartAt"].as_str().unwrap();
        let mut data = input;
        for _ in 0..1000 {
            let state = states.get(name).unwrap_or_else(|| panic!("no state {name}"));
            let (output, chosen) = self.state(name, state, data, context, chooser);
            data = output;
            name = match (chosen, state.get("Next"), state.get("End")) {
                (true, None, None) => states.get_key_value(&chosen_name(state, &data)).unwrap().0,
                (false, Some(next), None) => next.as_str().unwrap(),
                (false, None, Some(Json::Bool(true))) => return data,
                other => panic!("{name} leads to {other:?}"),
            };
        }
        panic!("the machine does not end");
    }

    fn state(
        &mut self,
        name: &str,
        state: &Json,
        input: Json,
        context: &Context,
        chooser: &Chooser,
    ) -> (Json, bool) {
        match state["Type"].as_str().unwrap() {
            "Choice" => (input, true),
            "Parallel" => {
                known(state, &["Type", "Branches", "Next", "End"]);
                let branches = state["Branches"].as_array().unwrap();
                let outputs = branches
                    .iter()
                    .map(|branch| self.scope(branch, input.clone(), context, chooser));
                (outputs.collect(), false)
            }
            "Map" => (self.map(state, input, context, chooser), false),
            "Task" => (self.task(name, state, input, context, chooser), false),
            other => panic!("a state of type {other}"),
        }
    }

    fn map(&mut self, state: &Json, input: Json, context: &Context, chooser: &Chooser) -> Json {
        known(
            state,
            &[
                "Type",
                "MaxConcurrency",
                "ItemsPath",
                "ItemSelector",
                "ItemProcessor",
                "ResultWriter",
                "ResultPath",
                "Next",
                "End",
            ],
        );
        let items = resolve(state["ItemsPath"].as_str().unwrap(), &input, context);
        let is_distributed = state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED";
        let results = items.as_array().unwrap().iter().map(|item| {
            let mut context = Context {
                item: Some(item.as_str().unwrap().to_owned()),
                ..context.clone()
            };
            let selected = template(&state["ItemSelector"], &input, &context);
            if is_distributed {
                (context.execution, context.item) = ("a-child", None);
            }
            self.scope(&state["ItemProcessor"], selected, &context, chooser)
        });
        let results: Json = results.collect();
        // A distributed map leaves the results in S3.
        assert_eq!(is_distributed, state.get("ResultWriter").is_some());
        let result = if is_distributed {
            json!({"MapRunArn": "arn"})
        } else {
            results
        };
        place(state, input, result)
    }

    fn task(&mut self, name: &str, state: &Json, input: Json, context: &Context, chooser: &Chooser) -> Json {
        known(
            state,
            &[
                "Type",
                "Resource",
                "Parameters",
                "ResultSelector",
                "ResultPath",
                "Retry",
                "Next",
                "End",
            ],
        );
        let parameters = template(&state["Parameters"], &input, context);
        let resource = state["Resource"].as_str().unwrap();
        let result = match resource.rsplit(":::").next().unwrap() {
            "batch:submitJob.sync" => {
                let length = parameters["ContainerOverrides"].to_string().chars().count();
                let longest = self.overrides.entry(name.to_owned()).or_default();
                *longest = length.max(*longest);
                let id = format!("job-{:032}", self.tasks.len());
                self.job(&id, &parameters, chooser)
            }
            "dynamodb:getItem" => self.read(&parameters),
            other => panic!("the action {other}"),
        };
        let result = match state.get("ResultSelector") {
            Some(selector) => template(selector, &result, context),
            None => result,
        };
        place(state, input, result)
    }

    fn read(&self, parameters: &Json) -> Json {
        let key = parameters["Key"]["pathspec"]["S"].as_str().unwrap();
        let attribute = parameters["ProjectionExpression"].as_str().unwrap();
        assert_eq!(parameters["ConsistentRead"], json!(true));
        let value = self.items.get(key).and_then(|item| item.get(attribute));
        json!({"Item": {attribute: value.unwrap_or_else(|| panic!("{key} has no {attribute}"))}})
    }

    /// What the container's command does, as far as others see it.
    pub fn job(&mut self, id: &str, parameters: &Json, chooser: &Chooser) -> Json {
        let overrides = &parameters["ContainerOverrides"];
        let environment: BTreeMap<&str, &str> = overrides["Environment"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["Name"].as_str().unwrap(), one["Value"].as_str().unwrap()))
            .collect();
        let command = overrides["Command"][2].as_str().unwrap();
        let step = environment["METAFLOW_STEP_NAME"];
        assert!(
            command.contains(&format!(" step {step} --run-id sfn-$METAFLOW_RUN_ID ")),
            "{command}"
        );
        let run = environment["METAFLOW_RUN_ID"];
        assert!([NAME, "run1"].contains(&run), "{run} is not the execution");
        let task = self.name(step, &parameters["Parameters"]);
        let paths = self.input_paths(command, &environment);
        let inputs: Vec<String> = paths.iter().map(|path| self.input(path)).collect();
        // Metaflow needs the index where the step before is a foreach, and nowhere else.
        let is_item = paths_of(command) != FILE_OF_INPUTS && follows_foreach(&paths, chooser);
        assert_eq!(
            command.contains(" --split-index $METAFLOW_SPLIT_INDEX"),
            is_item,
            "{task}"
        );
        assert!(
            self.inputs.insert(task.to_string(), inputs).is_none(),
            "{task} ran twice"
        );
        self.effects(id, &task, command, &environment, chooser);
        self.jobs.insert(id.to_owned(), task.clone());
        self.tasks.push(task);
        json!({"JobId": id, "Parameters": parameters["Parameters"], "Status": "SUCCEEDED"})
    }

    /// The indices travel in the job's parameters; the turn of a loop is counted.
    fn name(&mut self, step: &str, parameters: &Json) -> Task {
        assert_eq!(parameters["step_name"], json!(step));
        let indices = parameters.as_object().unwrap().iter();
        let indices = indices.filter(|(key, _)| key.starts_with("split_index_"));
        let indices: Vec<usize> = indices
            .map(|(_, value)| value.as_str().unwrap().parse().unwrap())
            .collect();
        let turn = self.turns.entry((step.to_owned(), indices.clone())).or_default();
        *turn += 1;
        Task {
            step: step.to_owned(),
            indices,
            turn: *turn - 1,
        }
    }

    fn input_paths(&self, command: &str, environment: &BTreeMap<&str, &str>) -> Vec<String> {
        let text = paths_of(command);
        let indexed = command.contains(" --split-index $METAFLOW_SPLIT_INDEX");
        assert!(!indexed || environment.contains_key("METAFLOW_SPLIT_INDEX"));
        let text = if text == FILE_OF_INPUTS {
            self.children(command, environment)
        } else {
            expand(text, environment)
        };
        match text.split_once(':') {
            Some((run, list)) => list.split(',').map(|path| format!("{run}{path}")).collect(),
            None => vec![text],
        }
    }

    /// The program that a foreach join runs first.
    fn children(&self, command: &str, environment: &BTreeMap<&str, &str>) -> String {
        assert!(
            command.contains(&format!(" >{FILE_OF_INPUTS} && "))
                && command.contains(r#"e["METAFLOW_SPLIT_PARENT_TASK_ID"]"#)
        );
        assert!(environment.contains_key("METAFLOW_SFN_DYNAMO_DB_TABLE"));
        let item = &self.items[environment["METAFLOW_SPLIT_PARENT_TASK_ID"]];
        let mut children: Vec<&str> = item["children"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        children.sort_by_key(|child| child.split('/').next().unwrap().parse::<usize>().unwrap());
        let paths: Vec<String> = children
            .iter()
            .map(|child| format!("/{}", child.split_once('/').unwrap().1))
            .collect();
        format!("sfn-{}:{}", environment["METAFLOW_RUN_ID"], paths.join(","))
    }

    /// `sfn-NAME/step/3` → the task that this job was, which must be the step's.
    fn input(&self, path: &str) -> String {
        let parts: Vec<&str> = path.split('/').collect();
        assert!(
            [format!("sfn-{NAME}"), "sfn-run1".to_owned()].contains(&parts[0].to_owned()),
            "{path}"
        );
        if parts[1] == "_parameters" {
            assert_eq!(parts[2], "SELF-params");
            return "_parameters".to_owned();
        }
        let task = self.jobs.get(parts[2]).unwrap_or_else(|| panic!("no job {path}"));
        assert_eq!(task.step, parts[1], "{path}");
        task.to_string()
    }

    fn effects(
        &mut self,
        id: &str,
        task: &Task,
        command: &str,
        environment: &BTreeMap<&str, &str>,
        chooser: &Chooser,
    ) {
        if let Some(width) = chooser.width(&task.step) {
            assert!(environment.contains_key("METAFLOW_SFN_DYNAMO_DB_TABLE"));
            // A set, in an order of its own.
            let items: Json = (0..width).rev().map(|index| index.to_string()).collect();
            self.put(id, "for_each_cardinality", json!({"NS": items}));
        }
        if command.contains("dump --private --include _transition") {
            assert!(command.contains(r#""next_step":{"S":t[0][0]}"#));
            self.put(id, "next_step", json!({"S": chooser.choose(task)}));
        }
        if command.contains(r#"UpdateExpression="ADD children :v""#) {
            let key = environment["METAFLOW_SPLIT_PARENT_TASK_ID_FOR_FOREACH_JOIN"];
            let child = format!("{}/{}/{id}", environment["METAFLOW_SPLIT_INDEX"], task.step);
            let item = self
                .items
                .get_mut(key)
                .unwrap_or_else(|| panic!("{key} is no foreach task"));
            let children = item.entry("children".to_owned()).or_insert_with(|| json!([]));
            children.as_array_mut().unwrap().insert(0, json!(child));
        }
    }

    fn put(&mut self, key: &str, attribute: &str, value: Json) {
        self.items
            .entry(key.to_owned())
            .or_default()
            .insert(attribute.to_owned(), value);
    }
}

/// Where a foreach join keeps its input paths.
pub const FILE_OF_INPUTS: &str = "$MF_OWN/inputs";

/// The word behind `--input-paths`, or the file that takes its place.
pub fn paths_of(command: &str) -> &str {
    let after = command.split(" --input-paths ").nth(1);
    let after = after.or_else(|| command.split(" --input-paths-filename ").nth(1));
    let after = after.unwrap();
    let end = after.find([' ', ')']).unwrap();
    &after[..end]
}

fn follows_foreach(paths: &[String], chooser: &Chooser) -> bool {
    let steps = paths.iter().map(|path| path.split('/').nth(1).unwrap());
    steps
        .filter(|step| *step != "_parameters")
        .any(|step| chooser.width(step).is_some())
}

fn chosen_name(state: &Json, data: &Json) -> String {
    let rules = state["Choices"].as_array().unwrap();
    let seen: BTreeSet<&str> = rules
        .iter()
        .map(|rule| rule["StringEquals"].as_str().unwrap())
        .collect();
    assert_eq!(seen.len(), rules.len(), "two rules for one step");
    let matches = |rule: &&Json| {
        let nowhere = Context {
            execution: "",
            item: None,
        };
        resolve(rule["Variable"].as_str().unwrap(), data, &nowhere) == rule["StringEquals"]
    };
    let rule = rules.iter().find(matches).expect("no choice matched");
    rule["Next"].as_str().unwrap().to_owned()
}

fn known(state: &Json, fields: &[&str]) {
    for key in state.as_object().unwrap().keys() {
        assert!(fields.contains(&key.as_str()), "field {key}");
    }
}

/// `ResultPath`; without one the result is the output.
fn place(state: &Json, mut input: Json, result: Json) -> Json {
    match state.get("ResultPath") {
        None => result,
        Some(path) => {
            let key = path.as_str().unwrap().strip_prefix("$.").unwrap();
            input.as_object_mut().unwrap().insert(key.to_owned(), result);
            input
        }
    }
}

/// A payload template: keys that end in `.$` are paths.
fn template(value: &Json, input: &Json, context: &Context) -> Json {
    match value {
        Json::Object(entries) => {
            let mut out = Map::new();
            for (key, value) in entries {
                let (key, value) = match key.strip_suffix(".$") {
                    Some(key) => (key, resolve(value.as_str().unwrap(), input, context)),
                    None => (key.as_str(), template(value, input, context)),
                };
                assert!(out.insert(key.to_owned(), value).is_none(), "{key} twice");
            }
            Json::Object(out)
        }
        Json::Array(items) => items.iter().map(|item| template(item, input, context)).collect(),
        other => other.clone(),
    }
}

fn resolve(path: &str, input: &Json, context: &Context) -> Json {
    match path {
        "$$.Execution.Name" => return json!(context.execution),
        "$$.Map.Item.Value" => return json!(context.item.as_ref().expect("in a map")),
        "States.JsonToString($)" => return json!(input.to_string()),
        _ => {}
    }
    let mut value = input;
    let mut rest = path
        .strip_prefix('$')
        .unwrap_or_else(|| panic!("{path} is no path"));
    while !rest.is_empty() {
        let next;
        (next, rest) = if let Some(named) = rest.strip_prefix("['") {
            let (key, after) = named.split_once("']").unwrap();
            (value.get(key), after)
        } else if let Some(indexed) = rest.strip_prefix('[') {
            let (index, after) = indexed.split_once(']').unwrap();
            (value.get(index.parse::<usize>().unwrap()), after)
        } else {
            let named = rest.strip_prefix('.').unwrap();
            let end = named.find(['.', '[']).unwrap_or(named.len());
            (value.get(&named[..end]), &named[end..])
        };
        value = next.unwrap_or_else(|| panic!("{path} does not point to a value in {input}"));
    }
    value.clone()
}

/// The shell's variables.
fn expand(text: &str, environment: &BTreeMap<&str, &str>) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        if name == "AWS_BATCH_JOB_ID" {
            out += "SELF";
        } else {
            out += environment
                .get(name)
                .unwrap_or_else(|| panic!("no variable {name}"));
        }
        out += rest;
    }
    out
}
