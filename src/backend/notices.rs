//! What only a plan shows, for every target: options that contradict the flow, files that have to be where the definition
//! looks for them. What one target has to say of a plan stands in its own `notices`.

use super::limits::VARIABLE;
use super::{airflow, argo, step_functions};
use crate::diagnostic::Diagnostic;
use crate::flow::ParameterKind;
use crate::lint::rules::{deployment as rules, no_effect, project_name, solved_environments};
use crate::plan::pod;
use crate::plan::python_environment::{self, Interpreter};
use crate::plan::{Plan, PlannedConfig, Task, environment};
use crate::settings::Code;
use crate::target::Target;

/// The findings about a plan, before anything is measured.
pub fn check(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = included_files(plan);
    found.extend(name_in_project(plan));
    found.extend(project_options(plan));
    found.extend(own_variables(plan));
    found.extend(large_configs(plan));
    found.extend(keys_of_the_service(plan));
    match plan.target.target {
        Target::Argo => {
            found.extend(python_environments(plan));
            found.extend(argo::notices::check(plan));
        }
        Target::Airflow => found.extend(airflow::notices::check(plan)),
        Target::StepFunctions => {
            found.extend(python_environments(plan));
            found.extend(step_functions::notices::check(plan));
        }
    }
    found
}

/// `--name` beside `@project`, which gives the name.
fn name_in_project(plan: &Plan) -> Option<Diagnostic> {
    let name = plan.deployment.name.as_deref()?;
    let project = plan.flow.project.as_ref()?;
    let target = plan.target.target;
    let what = match target {
        Target::Argo => "workflow",
        Target::Airflow => "DAG",
        Target::StepFunctions => "state machine",
    };
    let message = format!(
        "`--name {name}` has no place in a project: the {what} is called after project, branch and flow"
    );
    let finding = Diagnostic::new(&rules::WORKFLOW_NAME, project.span, message);
    Some(finding.help("give `--branch` instead").target(target))
}

/// `--branch` and `--production` beside `@project`: Metaflow's tasks refuse what contradicts the decorator.
fn project_options(plan: &Plan) -> Vec<Diagnostic> {
    let deployment = &plan.deployment;
    let wrong = |message: String| Diagnostic::new(&project_name::INFO, plan.flow.span, message);
    let mut found = Vec::new();
    let Some(project) = &plan.flow.request.project else {
        let is_given = [
            ("--branch", deployment.branch.is_some()),
            ("--production", deployment.is_production),
        ];
        for (option, _) in is_given.into_iter().filter(|(_, is_given)| *is_given) {
            let message = format!("`{option}` has no effect: `{}` has no `@project`", plan.flow.name);
            found.push(Diagnostic::new(&no_effect::INFO, plan.flow.span, message));
        }
        return found;
    };
    if let Some(branch) = &deployment.branch {
        if let Some(written) = project.branch.as_ref().filter(|written| *written != branch) {
            found.push(wrong(format!(
                "`--branch {branch}` contradicts the branch `{written}` of `@project`"
            )));
        }
        if !project_name::is_name(branch) {
            found.push(wrong(format!(
                "`--branch {branch}` is no branch of a project: up to {} lower-case letters, digits and underscores",
                project_name::LONGEST
            )));
        }
    }
    if deployment.is_production && project.production == Some(false) {
        found.push(wrong(
            "`--production` contradicts `production=False` of `@project`".to_owned(),
        ));
    }
    found
}

/// A step's variable that the definition sets itself: the step's value does not reach the task.
fn own_variables(plan: &Plan) -> Vec<Diagnostic> {
    if plan.tasks.iter().all(|task| task.request.environment.is_empty()) {
        return Vec::new();
    }
    let own = match plan.target.target {
        Target::Argo => of_all_pods(plan, &argo::own_variables(plan)),
        Target::Airflow => of_all_pods(plan, &airflow::own_variables(plan)),
        Target::StepFunctions => step_functions::notices::own_variables(plan),
    };
    let finding = |(task, name): (&Task, &str)| {
        let message = format!(
            "`{name}` of `{}` has no effect: the definition sets this variable itself",
            task.step
        );
        let finding = Diagnostic::new(&rules::OWN_VARIABLE, task.span, message).step(task.step.clone());
        finding.help(way_out(name)).target(plan.target.target)
    };
    own.into_iter().map(finding).collect()
}

/// Which of the tasks' variables are among those of every pod or needed for the others of the task, or point Metaflow
/// to the pod's tmpfs.
fn of_all_pods<'a>(plan: &'a Plan, own: &[String]) -> Vec<(&'a Task, &'a str)> {
    let mut found = Vec::new();
    for task in &plan.tasks {
        let pod = pod::pod(&task.request, &plan.deployment);
        let is_argo = plan.target.target == Target::Argo;
        let is_taken = |name: &str| {
            own.iter().any(|own| own == name)
                || (pod.tempdir().is_some() && name == pod::TEMPDIR)
                || (is_argo && argo::takes(name, &task.request.environment))
        };
        let given = task.request.environment.iter().map(|given| given.name.as_str());
        found.extend(given.filter(|name| is_taken(name)).map(|name| (task, name)));
    }
    found
}

fn way_out(name: &str) -> &'static str {
    match name {
        "AWS_DEFAULT_REGION" => "the region of all jobs is given with `--region`",
        pod::TEMPDIR => "leave it out, or `tmpfs_tempdir` of the decorator",
        _ => "choose another name",
    }
}

/// Included files are not uploaded by compiling. One that the image holds a task stores itself.
fn included_files(plan: &Plan) -> Vec<Diagnostic> {
    let way_out = match plan.deployment.code {
        Code::Image { .. } => {
            "the start task puts it there when the image has the same file in the code's folder, else `flowc package --upload` does"
        }
        Code::Package { .. } => "`flowc package --upload` puts it there",
    };
    let files = plan
        .parameters
        .iter()
        .filter(|parameter| parameter.kind == ParameterKind::IncludeFile);
    let files = files.filter_map(|parameter| parameter.included.as_ref());
    files
        .map(|file| {
            let message = format!("runs look for `{}` at `{}`, compressed", file.path, file.url);
            Diagnostic::new(&rules::FILE_TO_UPLOAD, plan.flow.span, message).help(way_out)
        })
        .collect()
}

/// The `Config`s of all tasks travel in one variable.
fn large_configs(plan: &Plan) -> Option<Diagnostic> {
    let size = environment::CONFIGS.len() + 2 + environment::configs(plan)?.len();
    if size <= VARIABLE {
        return None;
    }
    let given = |config: &PlannedConfig| config.given().map_or(0, |given| given.to_string().len());
    let largest = plan.configs.iter().max_by_key(|config| given(config))?;
    let message = format!(
        "the contents of the Configs take {size} bytes on their way to the tasks, at most {VARIABLE} fit, and `{}` takes most",
        largest.name
    );
    let help = if plan.configs.iter().all(|config| config.content.is_some()) {
        "include the file by `IncludeFile`, or let the code package hold Metaflow and the contents: `--code package --metaflow-from PYTHON`"
    } else {
        "include the file by `IncludeFile`, or read it within the flow"
    };
    let finding = Diagnostic::new(&rules::CONFIGS_TOO_LARGE, largest.span, message).help(help);
    Some(finding.target(plan.target.target))
}

/// What lets a task speak to the metadata service stands in its environment.
fn keys_of_the_service(plan: &Plan) -> Option<Diagnostic> {
    let is_given = |name: &&str| plan.deployment.setting(name).is_some_and(|text| !text.is_empty());
    let given: Vec<&str> = ["SERVICE_AUTH_KEY", "SERVICE_HEADERS"]
        .into_iter()
        .filter(is_given)
        .collect();
    let first = given.first()?;
    let names: Vec<String> = given.iter().map(|name| format!("`METAFLOW_{name}`")).collect();
    let message = format!(
        "what {} holds stands in the definition, where whoever may look at a run reads it",
        names.join(" and ")
    );
    let help = match plan.target.target {
        Target::Argo | Target::Airflow => format!(
            "leave it out and bring it into the tasks by a secret with the entry `METAFLOW_{first}`: `--set METAFLOW_KUBERNETES_SECRETS=NAME`"
        ),
        Target::StepFunctions => {
            "let the network guard the service, or keep the job definitions from who may not know the key"
                .to_owned()
        }
    };
    let finding = Diagnostic::new(&rules::SECRET_IN_DEFINITION, plan.flow.span, message);
    Some(finding.help(help).target(plan.target.target))
}

/// Environments that Metaflow solves: what has to be there for the tasks to unpack them.
fn python_environments(plan: &Plan) -> Vec<Diagnostic> {
    if python_environment::solver(plan).is_none() {
        return Vec::new();
    }
    let mut solved = Vec::new();
    let mut unnamed = Vec::new();
    for task in &plan.tasks {
        match python_environment::interpreter(plan, task) {
            Interpreter::OfImage => {}
            Interpreter::Solved(id) => solved.push(format!("`{}`: {id}", task.step)),
            Interpreter::Unnamed => unnamed.push(task),
        }
    }
    let name = python_environment::name(plan);
    let mut found = Vec::new();
    let is_draft = plan.deployment.is_draft;
    if let Some(first) = unnamed.first().filter(|_| !is_draft) {
        let message = format!(
            "the environment of `{}` names no Python; Metaflow takes the version that it is deployed with",
            first.step
        );
        let finding = Diagnostic::new(
            &solved_environments::ENVIRONMENT_WITHOUT_PYTHON,
            first.span,
            message,
        );
        found.push(finding.help("give `python=` in the decorator, or `--python-version`"));
    }
    if matches!(plan.deployment.code, Code::Image { .. }) && !is_draft {
        let message = "an environment that Metaflow solved is unpacked from a code package, and the code is in the image";
        let finding = Diagnostic::new(
            &solved_environments::ENVIRONMENT_WITHOUT_PACKAGE,
            plan.flow.span,
            message,
        );
        found.push(finding.help(
            "give `--code URL@SHA` or `--code package`, or put the packages into the image and leave the decorators out",
        ));
    } else if !solved.is_empty() {
        let message = format!(
            "tasks look for solved environments in the code package ({})",
            solved.join(", ")
        );
        let finding = Diagnostic::new(
            &solved_environments::ENVIRONMENT_TO_SOLVE,
            plan.flow.span,
            message,
        );
        found.push(finding.help(format!(
            "Metaflow solves them: `python {} --environment={name} package save FILE`, with the same datastore",
            plan.flow.file_name
        )));
    }
    found
        .into_iter()
        .map(|finding| finding.target(plan.target.target))
        .collect()
}
