//! `@resources` merged into `@kubernetes` or `@batch`: Metaflow has a different way for each.
//! Texts are as Metaflow writes them (`4096.0`). Knows no deployment's defaults.

use super::{BatchRequest, KubernetesRequest, Resources};
use crate::value::{Value, float_repr};

/// Sizes after the merge, as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EffectiveCompute {
    /// Cores.
    pub cpu: String,
    /// MB.
    pub memory: String,
    /// MB; AWS Batch has none.
    pub disk: Option<String>,
    pub gpu: Option<String>,
    /// MiB.
    pub shared_memory: Option<String>,
}

const CPU: &str = "1";
const MEMORY: &str = "4096";
const DISK: &str = "10240";
const NOTHING: &str = "0";

/// For `@kubernetes`: the larger of cpu, memory and disk, with the defaults of both among them, so that
/// `@resources` never lowers one; its gpu and shared memory replace.
/// Metaflow 2.19: `kubernetes_decorator.py`, `step_init`.
pub fn kubernetes(request: &KubernetesRequest, resources: Option<&Resources>) -> EffectiveCompute {
    let written = |value: &Option<Value>| value.as_ref().map(amount);
    let Some(resources) = resources else {
        return EffectiveCompute {
            cpu: written(&request.cpu).unwrap_or_else(|| CPU.to_owned()),
            memory: written(&request.memory).unwrap_or_else(|| MEMORY.to_owned()),
            disk: Some(written(&request.disk).unwrap_or_else(|| DISK.to_owned())),
            gpu: written(&request.gpu),
            shared_memory: written(&request.shared_memory),
        };
    };
    EffectiveCompute {
        cpu: larger(
            &or_text(request.cpu.as_ref(), CPU),
            &or_text(resources.cpu.as_ref(), CPU),
        ),
        memory: larger(
            &or_text(request.memory.as_ref(), MEMORY),
            &or_text(resources.memory.as_ref(), MEMORY),
        ),
        disk: Some(larger(
            &or_text(request.disk.as_ref(), DISK),
            &or_text(resources.disk.as_ref(), NOTHING),
        )),
        gpu: written(&resources.gpu).or_else(|| written(&request.gpu)),
        shared_memory: written(&resources.shared_memory).or_else(|| written(&request.shared_memory)),
    }
}

/// For `@batch`, whose own attributes have no defaults: the larger where both say something, else the one that
/// does, `@resources`' defaults included; so a bare `@batch` can be lowered. The disk is dropped.
/// Metaflow 2.19: `aws/aws_utils.py`, `compute_resource_attributes`.
pub fn batch(request: &BatchRequest, resources: Option<&Resources>) -> EffectiveCompute {
    let default = |text| resources.is_some().then(|| Value::str(text));
    let (cpu, memory) = (default(CPU), default(MEMORY));
    let none = Resources::default();
    let asked = resources.unwrap_or(&none);
    let cpu = either(request.cpu.as_ref(), asked.cpu.as_ref().or(cpu.as_ref()));
    let memory = either(request.memory.as_ref(), asked.memory.as_ref().or(memory.as_ref()));
    let gpu = either(request.gpu.as_ref(), asked.gpu.as_ref());
    EffectiveCompute {
        cpu: cpu.unwrap_or_else(|| CPU.to_owned()),
        memory: memory.unwrap_or_else(|| MEMORY.to_owned()),
        disk: None,
        gpu: Some(gpu.unwrap_or_else(|| NOTHING.to_owned())),
        shared_memory: either(request.shared_memory.as_ref(), asked.shared_memory.as_ref()),
    }
}

fn or_text(value: Option<&Value>, default: &str) -> Value {
    value.cloned().unwrap_or_else(|| Value::str(default))
}

/// Python's `str(max(float(a or 0), float(b or 0)))`; what is no number counts as 0 (a rule refuses it).
fn larger(left: &Value, right: &Value) -> String {
    float_repr(number(left).max(number(right)))
}

/// A number's text as all that read it understand it: Python takes `" 1_0 "` and `True` for numbers, Kubernetes
/// and AWS do not.
fn amount(value: &Value) -> String {
    match (value, value.to_float()) {
        (Value::Bool(flag), Some(_)) => u8::from(*flag).to_string(),
        (Value::Str(text), Some(_)) => text.trim().replace('_', ""),
        (_, Some(_) | None) => value.to_text(),
    }
}

fn number(value: &Value) -> f64 {
    Some(value)
        .filter(|value| value.is_truthy())
        .and_then(Value::to_float)
        .unwrap_or(0.0)
}

fn either(own: Option<&Value>, asked: Option<&Value>) -> Option<String> {
    match (own, asked) {
        (Some(own), Some(asked)) => Some(larger(own, asked)),
        // `str(value or "0")`
        (Some(only), None) | (None, Some(only)) if only.is_truthy() => Some(amount(only)),
        (Some(_), None) | (None, Some(_)) => Some(NOTHING.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cpu=2,memory=512`
    fn resources(text: &str) -> Resources {
        let value = |name: &str| value(text, name);
        Resources {
            cpu: value("cpu"),
            gpu: value("gpu"),
            memory: value("memory"),
            disk: value("disk"),
            shared_memory: value("shared_memory"),
        }
    }

    fn value(text: &str, name: &str) -> Option<Value> {
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        let (_, text) = pairs.into_iter().find(|(key, _)| *key == name)?;
        match (text.parse(), text.parse(), text.strip_prefix('"')) {
            (Ok(number), ..) => Some(Value::Int(number)),
            (_, Ok(number), _) => Some(Value::Float(number)),
            (.., Some(quoted)) => Some(Value::str(quoted.trim_end_matches('"'))),
            (.., None) => Some(Value::str(text)),
        }
    }

    #[test]
    fn true_is_one() {
        assert_eq!(amount(&Value::Bool(true)), "1");
        assert_eq!(amount(&Value::Float(1.5)), "1.5");
    }

    /// What the two targets make of `compute` (the attributes of `@kubernetes` or `@batch`) and `@resources`.
    fn merged(asked: Option<&str>, compute: &str) -> [String; 2] {
        let asked = asked.map(resources);
        let own = resources(compute);
        let pod = KubernetesRequest {
            cpu: own.cpu.clone(),
            memory: own.memory.clone(),
            disk: own.disk.clone(),
            gpu: own.gpu.clone(),
            shared_memory: own.shared_memory.clone(),
            ..KubernetesRequest::default()
        };
        let job = BatchRequest {
            cpu: own.cpu,
            memory: own.memory,
            gpu: own.gpu,
            shared_memory: own.shared_memory,
            ..BatchRequest::default()
        };
        [kubernetes(&pod, asked.as_ref()), batch(&job, asked.as_ref())].map(|compute| {
            let optional = [compute.disk, compute.gpu, compute.shared_memory];
            let optional = optional.map(|text| text.unwrap_or_else(|| "-".to_owned()));
            format!("{} {} {}", compute.cpu, compute.memory, optional.join(" "))
        })
    }

    /// Seen in Metaflow 2.19.39: cpu, memory, disk, gpu, shared memory.
    #[test]
    fn merges_as_metaflow() {
        let cases = [
            (None, "", "1 4096 10240 - -", "1 4096 - 0 -"),
            (None, "cpu=4,memory=1000", "4 1000 10240 - -", "4 1000 - 0 -"),
            (Some(""), "", "1.0 4096.0 10240.0 - -", "1 4096 - 0 -"),
            (Some("cpu=2"), "", "2.0 4096.0 10240.0 - -", "2 4096 - 0 -"),
            (Some("memory=512"), "", "1.0 4096.0 10240.0 - -", "1 512 - 0 -"),
            (Some("cpu=0.5"), "", "1.0 4096.0 10240.0 - -", "0.5 4096 - 0 -"),
            (
                Some("cpu=2,memory=8192,gpu=1"),
                "cpu=4,memory=1000",
                "4.0 8192.0 10240.0 1 -",
                "4.0 8192.0 - 1 -",
            ),
            (Some("gpu=1"), "gpu=4", "1.0 4096.0 10240.0 1 -", "1 4096 - 4.0 -"),
            (Some("gpu=4"), "gpu=1", "1.0 4096.0 10240.0 4 -", "1 4096 - 4.0 -"),
            (
                Some("shared_memory=64"),
                "",
                "1.0 4096.0 10240.0 - 64",
                "1 4096 - 0 64",
            ),
            (
                Some("shared_memory=64"),
                "shared_memory=128",
                "1.0 4096.0 10240.0 - 64",
                "1 4096 - 0 128.0",
            ),
            (Some("disk=500"), "", "1.0 4096.0 10240.0 - -", "1 4096 - 0 -"),
            (Some("disk=50000"), "", "1.0 4096.0 50000.0 - -", "1 4096 - 0 -"),
            (
                Some("cpu=0.8"),
                "cpu=0.5",
                "0.8 4096.0 10240.0 - -",
                "0.8 4096 - 0 -",
            ),
            (
                Some("cpu=\"2\",memory=\"100\""),
                "",
                "2.0 4096.0 10240.0 - -",
                "2 100 - 0 -",
            ),
        ];
        let cases = cases.into_iter().chain([(
            None,
            "cpu=\" 1_0 \",memory=\" 1_000\",gpu=\" 1 \"",
            "10 1000 10240 1 -",
            "10 1000 - 1 -",
        )]);
        for (asked, compute, pod, job) in cases {
            assert_eq!(
                merged(asked, compute),
                [pod, job],
                "@resources({asked:?}) over ({compute})"
            );
        }
    }
}
