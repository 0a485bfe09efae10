//! The names that Metaflow 2.19 exports, and where they may be imported from.

use super::convert::Given;
use super::extensions;
use crate::decorator;

/// Public names of the package `metaflow` (`dir(metaflow)` of 2.19.39), by code point.
static PUBLIC: &[&str] = &[
    "Config",
    "ConfigValue",
    "DataArtifact",
    "DeployedFlow",
    "Deployer",
    "Flow",
    "FlowMutator",
    "FlowSpec",
    "IncludeFile",
    "JSONType",
    "JSONTypeClass",
    "Metaflow",
    "NBDeployer",
    "NBRunner",
    "Parameter",
    "R",
    "Run",
    "Runner",
    "S3",
    "Step",
    "StepMutator",
    "Task",
    "USER_SKIP_STEP",
    "UserStepDecorator",
    "airflow_external_task_sensor",
    "airflow_s3_key_sensor",
    "batch",
    "card",
    "cards",
    "catch",
    "client",
    "conda",
    "conda_base",
    "conda_environment_yml_parser",
    "config_expr",
    "current",
    "default_metadata",
    "default_namespace",
    "environment",
    "exit_hook",
    "get_metadata",
    "get_namespace",
    "kubernetes",
    "metadata",
    "namespace",
    "namespaced_event_name",
    "package_sources",
    "parallel",
    "parallel_imap_unordered",
    "parallel_map",
    "profile",
    "project",
    "pypi",
    "pypi_base",
    "pyproject_toml_parser",
    "pytorch_parallel",
    "requirements_txt_parser",
    "resources",
    "retry",
    "schedule",
    "secrets",
    "step",
    "timeout",
    "trigger",
    "trigger_on_finish",
    "user_step_decorator",
    "yaml_parser",
];

/// What can be imported from it beside its modules, today or from a version since 2.9, though it is not public.
static INTERNAL: &[&str] = &[
    "CustomFlowDecorator",
    "CustomStepDecorator",
    "EXT_PKG",
    "INFO_FILE",
    "airflow_internal",
    "argo_workflows_internal",
    "importlib",
    "inspect_spin",
    "os",
    "path",
    "pkg_resources",
    "step_functions_internal",
    "sys",
    "types",
    "unbounded_test_foreach_internal",
];

/// Its modules and packages, of 2.9.0 to 2.19.39.
static MODULES: &[&str] = &[
    "R",
    "cards",
    "cli",
    "cli_args",
    "cli_components",
    "client",
    "clone_util",
    "cmd",
    "cmd_with_io",
    "current",
    "datastore",
    "debug",
    "decorators",
    "event_logger",
    "events",
    "exception",
    "extension_support",
    "flowspec",
    "graph",
    "includefile",
    "info_file",
    "integrations",
    "lint",
    "meta_files",
    "metadata",
    "metadata_provider",
    "metaflow_config",
    "metaflow_config_funcs",
    "metaflow_current",
    "metaflow_environment",
    "metaflow_git",
    "metaflow_profile",
    "metaflow_version",
    "mflog",
    "monitor",
    "multicore_utils",
    "package",
    "packaging_sys",
    "parameters",
    "plugins",
    "procpoll",
    "pylint_wrapper",
    "runner",
    "runtime",
    "sidecar",
    "system",
    "system_context",
    "tagging_util",
    "task",
    "tracing",
    "tuple_util",
    "tutorials",
    "unbounded_foreach",
    "user_configs",
    "user_decorators",
    "util",
    "vendor",
    "version",
];

/// What is in its packages: modules and packages, of 2.9.0 to 2.19.39.
static INNER: &[(&str, &[&str])] = &[
    (
        "cli_components",
        &["dump_cmd", "init_cmd", "run_cmds", "step_cmd", "utils"],
    ),
    ("client", &["core", "filecache"]),
    (
        "cmd",
        &[
            "code",
            "configure_cmd",
            "develop",
            "main_cli",
            "make_wrapper",
            "tutorials_cmd",
            "util",
        ],
    ),
    (
        "datastore",
        &[
            "artifacts",
            "content_addressed_store",
            "datastore_set",
            "datastore_storage",
            "exceptions",
            "flow_datastore",
            "inputs",
            "spin_datastore",
            "task_datastore",
        ],
    ),
    (
        "extension_support",
        &["_empty_file", "cmd", "integrations", "plugins"],
    ),
    ("metadata", &["heartbeat", "metadata", "util"]),
    ("metadata_provider", &["heartbeat", "metadata", "util"]),
    ("mflog", &["mflog", "save_logs", "save_logs_periodically", "tee"]),
    (
        "packaging_sys",
        &["backend", "distribution_support", "tar_backend", "utils", "v1"],
    ),
    (
        "plugins",
        &[
            "airflow",
            "argo",
            "aws",
            "azure",
            "cards",
            "catch_decorator",
            "conda",
            "datastores",
            "datatools",
            "debug_logger",
            "debug_monitor",
            "env_escape",
            "environment_decorator",
            "events_decorator",
            "exit_hook",
            "frameworks",
            "gcp",
            "kubernetes",
            "logs_cli",
            "metadata",
            "metadata_providers",
            "namespaced_events",
            "package_cli",
            "package_sources",
            "package_suffixes_mutator",
            "parallel_decorator",
            "parsers",
            "project_decorator",
            "pypi",
            "resources_decorator",
            "retry_decorator",
            "secrets",
            "storage_executor",
            "tag_cli",
            "test_unbounded_foreach_decorator",
            "timeout_decorator",
            "uv",
        ],
    ),
    (
        "runner",
        &[
            "click_api",
            "deployer",
            "deployer_impl",
            "metaflow_runner",
            "nbdeploy",
            "nbrun",
            "subprocess_manager",
            "utils",
        ],
    ),
    (
        "sidecar",
        &[
            "sidecar",
            "sidecar_messages",
            "sidecar_subprocess",
            "sidecar_worker",
        ],
    ),
    ("system", &["system_logger", "system_monitor", "system_utils"]),
    ("tracing", &["propagator", "span_exporter", "tracing_modules"]),
    (
        "user_configs",
        &["config_decorators", "config_options", "config_parameters"],
    ),
    (
        "user_decorators",
        &[
            "common",
            "mutable_flow",
            "mutable_step",
            "user_flow_decorator",
            "user_step_decorator",
        ],
    ),
];

/// Modules of which all names are known, of 2.9.0 to 2.19.39.
static WHOLE: &[(&str, &[&str])] = &[
    (
        "cards",
        &[
            "Artifact",
            "BlankCard",
            "DefaultCard",
            "Error",
            "ErrorCard",
            "EventsTimeline",
            "Image",
            "JSONViewer",
            "Markdown",
            "MetaflowCard",
            "MetaflowCardComponent",
            "PageComponent",
            "ProgressBar",
            "PythonCode",
            "Table",
            "ValueBox",
            "VegaChart",
            "YAMLViewer",
            "get_cards",
        ],
    ),
    (
        "exception",
        &[
            "CommandException",
            "ExternalCommandFailed",
            "InvalidDecoratorAttribute",
            "METAFLOW_EXIT_ALLOW_RETRY",
            "METAFLOW_EXIT_DISALLOW_RETRY",
            "MetaflowDataMissing",
            "MetaflowException",
            "MetaflowExceptionWrapper",
            "MetaflowInternalError",
            "MetaflowInvalidPathspec",
            "MetaflowNamespaceMismatch",
            "MetaflowNotFound",
            "MetaflowTaggingError",
            "MetaflowUnknownUser",
            "MissingInMergeArtifactsException",
            "ParameterFieldFailed",
            "ParameterFieldTypeMismatch",
            "UnhandledInMergeArtifactsException",
            "sys",
            "traceback",
        ],
    ),
];

/// The other homes of public names. Plugin decorators (`retry`, `batch` …) have none.
static HOMES: &[(&str, &[&str])] = &[
    ("decorators", &["step"]),
    ("flowspec", &["FlowSpec"]),
    ("includefile", &["IncludeFile"]),
    ("metaflow_current", &["current"]),
    ("parameters", &["JSONType", "JSONTypeClass", "Parameter"]),
    (
        "user_configs.config_parameters",
        &["Config", "ConfigValue", "config_expr"],
    ),
    ("user_decorators.mutable_flow", &["MutableFlow"]),
    ("user_decorators.mutable_step", &["MutableStep"]),
    ("user_decorators.user_flow_decorator", &["FlowMutator"]),
    (
        "user_decorators.user_step_decorator",
        &[
            "StepMutator",
            "USER_SKIP_STEP",
            "UserStepDecorator",
            "user_step_decorator",
        ],
    ),
];

pub(super) fn is_public(name: &str) -> bool {
    PUBLIC.binary_search(&name).is_ok()
}

/// What `from metaflow import *` binds.
pub(super) fn public_names() -> &'static [&'static str] {
    PUBLIC
}

/// What a name imported from `metaflow` or below it is.
pub(super) enum Found {
    /// The dotted name under which it is known.
    Is(String),
    /// Not in Metaflow itself: only an extension can have brought it, under this dotted name.
    Foreign(String),
    /// Python says that it is not there; the nearest name that is.
    Missing(Option<&'static str>),
}

/// Is `metaflow.NAME` a module that `import metaflow.NAME` finds?
pub(super) fn is_module(name: &str) -> bool {
    MODULES.binary_search(&name).is_ok() || extensions::is_known(name)
}

/// Where `import metaflow.MODULE…` ends for want of a module: in the package `metaflow.plugins` there is no `nope`.
pub(super) fn missing_module(module: &str) -> Option<(String, String)> {
    let mut parts = module.split('.');
    let (outer, inner) = (parts.next()?, parts.next());
    // `metaflow._vendor.click`: what is private is not listed.
    if outer.starts_with('_') {
        return None;
    }
    if !is_module(outer) {
        return Some(("metaflow".to_owned(), outer.to_owned()));
    }
    let (_, modules) = INNER.iter().find(|(package, _)| *package == outer)?;
    let inner = inner.filter(|inner| !modules.contains(inner))?;
    Some((format!("metaflow.{outer}"), inner.to_owned()))
}

/// Resolves `from metaflow.MODULE import NAME` (`module` without `metaflow.`, empty for the package itself).
pub(super) fn import(module: &str, name: &str) -> Found {
    if module.is_empty() {
        if is_public(name)
            || INTERNAL.binary_search(&name).is_ok()
            || is_module(name)
            || name.starts_with('_')
        {
            return Found::Is(format!("metaflow.{name}"));
        }
        return match near(name) {
            Some(near) => Found::Missing(Some(near)),
            None => Found::Foreign(format!("metaflow.{name}")),
        };
    }
    if let Some((_, names)) = WHOLE.iter().find(|(whole, _)| *whole == module)
        && !names.contains(&name)
        && !name.starts_with('_')
    {
        return match nearest(name, names) {
            Some(near) => Found::Missing(Some(near)),
            None => Found::Foreign(format!("metaflow.{module}.{name}")),
        };
    }
    if let Some((_, names)) = HOMES.iter().find(|(home, _)| *home == module) {
        if names.contains(&name) {
            return Found::Is(format!("metaflow.{name}"));
        }
        if is_public(name) && module != "metaflow_current" {
            return Found::Missing(None);
        }
    }
    Found::Is(format!("metaflow.{module}.{name}"))
}

/// A public name that differs by a slip of the keyboard. Names of extensions are no slips: they differ in more.
pub(super) fn near(name: &str) -> Option<&'static str> {
    if extensions::is_known(name) {
        return None;
    }
    nearest(name, PUBLIC)
}

fn nearest(name: &str, names: &[&'static str]) -> Option<&'static str> {
    let is_plain = name.len() > 3 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let candidates = names.iter().copied().filter(|public| public.len() > 3);
    let mut best = candidates
        .map(|public| (distance(name, public), public))
        .collect::<Vec<_>>();
    best.sort_unstable();
    let (distance, public) = best.first().copied()?;
    let most = if is_plain && name.len() > 5 { 2 } else { 1 };
    let is_case_only = public.eq_ignore_ascii_case(name);
    // `FlowSpc`; `Runner2` is a name of its own.
    let is_class = name.len() > 5 && name.chars().all(|c| c.is_ascii_alphabetic());
    let is_slip = (is_plain && distance <= most) || (is_class && distance <= 1);
    (is_slip || is_case_only).then_some(public)
}

/// Insertions, deletions and replacements from one name to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, left) in one.chars().enumerate() {
        let mut diagonal = index;
        let mut last = index + 1;
        let mut next = vec![last];
        for (&right, &above) in other.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(left != right);
            last = replaced.min(above + 1).min(last + 1);
            diagonal = above;
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// Why Python refuses a call of one of Metaflow's classes, whatever the values.
pub(super) fn refused(callee: &str, given: &Given<'_>) -> Option<String> {
    let class = callee.strip_prefix("metaflow.")?;
    let most = match class {
        "Parameter" | "IncludeFile" => 6,
        "Config" => 7,
        "JSONType" => {
            let is_bare = given.arguments.is_empty() && given.unknown.is_none();
            return is_bare
                .then(|| "ParamType.__call__() missing 1 required positional argument: 'value'".to_owned());
        }
        _ => return None,
    };
    let count = given.positional().count();
    if count > most {
        return Some(format!(
            "{class}.__init__() takes from 2 to {} positional arguments but {} were given",
            most + 1,
            count + 1
        ));
    }
    let has_type = given
        .arguments
        .iter()
        .any(|argument| argument.name == Some("type"));
    (has_type && class != "Parameter").then(|| {
        "metaflow.parameters.Parameter.__init__() got multiple values for keyword argument 'type'".to_owned()
    })
}

/// What a Parameter or IncludeFile has in a class body, before it is asked for.
pub(super) fn has_attribute(callee: &str, name: &str) -> bool {
    const OWN: [&str; 8] = [
        "IS_CONFIG_PARAMETER",
        "init",
        "is_string_type",
        "kwargs",
        "load_parameter",
        "name",
        "option_kwargs",
        "separator",
    ];
    !matches!(callee, "metaflow.Parameter" | "metaflow.IncludeFile")
        || name.starts_with('_')
        || OWN.contains(&name)
}

/// Why one of Metaflow's decorators cannot be called with a function or class in a decorator expression, as in
/// `@retry(helper)`, which stands there as `written`.
pub(super) fn misapplied(callee: &str, written: &str) -> Option<String> {
    let name = callee.strip_prefix("metaflow.")?;
    let decorator = decorator::find(name)?;
    let what = if decorator.is_step_level() {
        "a step"
    } else {
        "a flow"
    };
    Some(format!(
        "`{written}` applies `{name}` to its argument, which is not {what}: attributes are given by name"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(module: &str, name: &str) -> String {
        match import(module, name) {
            Found::Is(name) => name,
            Found::Foreign(name) => format!("foreign {name}"),
            Found::Missing(near) => format!("missing, near {near:?}"),
        }
    }

    #[test]
    fn knows_metaflows_names() {
        assert!(PUBLIC.is_sorted() && INTERNAL.is_sorted() && MODULES.is_sorted());
        assert!(!INTERNAL.iter().any(|name| MODULES.contains(name)));
        assert_eq!(found("", "retry"), "metaflow.retry");
        assert_eq!(found("", "rezources"), "missing, near Some(\"resources\")");
        assert_eq!(found("", "Flowspec"), "missing, near Some(\"FlowSpec\")");
        assert_eq!(found("", "gpu_profile"), "metaflow.gpu_profile");
        assert_eq!(found("", "pip"), "metaflow.pip");
        assert_eq!(found("", "profilers"), "metaflow.profilers");
        assert_eq!(found("", "pylint_wrapper"), "metaflow.pylint_wrapper");
        assert_eq!(found("", "models"), "foreign metaflow.models");
        assert_eq!(found("", "FlowSpc"), "missing, near Some(\"FlowSpec\")");
        assert_eq!(found("", "Runner2"), "foreign metaflow.Runner2");
        assert_eq!(found("decorators", "step"), "metaflow.step");
        assert_eq!(found("decorators", "retry"), "missing, near None");
        assert_eq!(found("cards", "Markdown"), "metaflow.cards.Markdown");
        assert_eq!(found("cards", "Markdwn"), "missing, near Some(\"Markdown\")");
        assert_eq!(
            found("plugins.cards", "Markdwn"),
            "metaflow.plugins.cards.Markdwn"
        );
        assert_eq!(found("cards", "Plot"), "foreign metaflow.cards.Plot");
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
