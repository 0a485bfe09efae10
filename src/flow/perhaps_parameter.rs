//! Class attributes that are not known but may be a `Parameter`, judged by the expressions that stand for them: a
//! number from a package is none, both branches of `Parameter(…) if HAS_GPU else Parameter(…)` are. Knows no values.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of objects and of ruff's AST few lead to a parameter"
)]

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_text_size::Ranged;

use super::class::{EPHEMERAL, Member};
use super::results::Results;
use super::{discover, parameter, span_of, uncertain};
use crate::python::object::{Applied, Class, Code, Function, Module, Object};
use crate::python::{Choice, Followed};
use crate::source::{SourceId, Span};
use crate::value::{Unknown, Why};

/// The classes whose objects are parameters.
const KINDS: [&str; 3] = ["Parameter", "IncludeFile", "Config"];

/// Builtins that give no argument of theirs back.
const PLAIN: [&str; 10] = [
    "bool",
    "float",
    "hasattr",
    "int",
    "isinstance",
    "len",
    "print",
    "repr",
    "str",
    "type",
];

/// Why an attribute that is not known may be a parameter; nothing where it is not one for all that can be told.
pub(super) fn why<'a>(followed: &Followed<'a>, name: &str, member: &Member<'a>) -> Option<Unknown> {
    if name.starts_with('_') || EPHEMERAL.contains(&name) {
        return None;
    }
    match &member.binding.thing.object {
        Object::Unknown(unknown) if matches!(unknown.why, Why::Opaque { .. }) => {
            let mut search = Search {
                followed,
                seen: BTreeSet::new(),
            };
            let is_one = followed.choice(unknown) == Some(Choice::Parameter);
            (is_one || search.is_met_in_class(name, member)).then(|| unknown.clone())
        }
        Object::Instance(instance) if is_kind(followed, &instance.class) => Some(Unknown {
            span: instance.span,
            why: Why::Opaque {
                reason: format!(
                    "what `{}` makes of a parameter is not followed",
                    instance.class.name
                ),
            },
        }),
        Object::Applied(applied) if is_named_like_one(&applied.callee) => {
            Some(uncertain::from_outside(&applied.callee, applied.span))
        }
        _ => None,
    }
}

/// A parameter in whose place a step stands: it was bound to the name before, or in a class behind.
pub(super) struct Replaced {
    pub name: String,
    pub span: Span,
}

/// All that are bound to one of these names, in the order of the classes.
pub(super) fn replaced<'a>(
    followed: &Followed<'a>,
    steps: &BTreeSet<&str>,
    order: &[Rc<Class<'a>>],
) -> Vec<Replaced> {
    let mut found = Vec::new();
    for class in order {
        for statement in &class.node.body {
            let ast::Stmt::Assign(assign) = statement else {
                continue;
            };
            let [ast::Expr::Name(name)] = assign.targets.as_slice() else {
                continue;
            };
            let place = Place {
                source: class.source,
                bodies: Vec::new(),
            };
            let mut search = Search {
                followed,
                seen: BTreeSet::new(),
            };
            let is_made = assign.value.is_call_expr() && steps.contains(name.id.as_str());
            if is_made && search.may_be(&assign.value, &place) {
                found.push(Replaced {
                    name: name.id.to_string(),
                    span: span_of(class.source, &*assign.value),
                });
            }
        }
    }
    found
}

/// `P2("b")` of a `class P2(Parameter): pass` is what `Parameter("b")` would be.
pub(super) fn of_plain_subclass<'a>(followed: &Followed<'a>, object: &Object<'a>) -> Option<Rc<Applied<'a>>> {
    let Object::Instance(instance) = object else {
        return None;
    };
    let order = followed.resolution_order(&instance.class);
    let is_plain = |class: &Rc<Class<'a>>| {
        let names = class.namespace.entries();
        let is_word_only = names.iter().all(|(name, _)| name.starts_with("__doc"));
        is_word_only && class.namespace.why_open().is_none() && class.decorators.borrow().is_empty()
    };
    let bases = followed.external_bases(&instance.class);
    let kind = bases.iter().flatten().find(|base| is_dotted_kind(base))?;
    let is_all_plain = order.iter().all(is_plain)
        && bases.iter().all(|base| {
            base.as_deref()
                .is_some_and(|base| is_dotted_kind(base) || base == "builtins.object")
        });
    let is_one_of_three = parameter::callee_kind(kind).is_some();
    (is_all_plain && is_one_of_three && !instance.has_unknown_arguments).then(|| {
        Rc::new(Applied {
            callee: Rc::clone(kind),
            span: instance.span,
            arguments: instance.arguments.clone(),
            unknown_arguments: None,
            path: Vec::new(),
        })
    })
}

fn is_kind<'a>(followed: &Followed<'a>, class: &Rc<Class<'a>>) -> bool {
    let mut dotted = KINDS.iter().map(|kind| format!("metaflow.{kind}"));
    dotted.any(|base| discover::derives_from(followed, class, &base))
}

fn is_dotted_kind(dotted: &str) -> bool {
    dotted
        .strip_prefix("metaflow.")
        .is_some_and(|name| KINDS.contains(&name))
}

/// `company_flows.RegionParameter`, `company_flows.make_param`: by its name alone. Not `get_params`, which gives numbers.
fn is_named_like_one(callee: &str) -> bool {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    let has_word = last.split('_').any(|word| ["param", "parameter"].contains(&word));
    let is_class = last == "Param" || last.ends_with("Parameter") || last.ends_with("IncludeFile");
    (has_word || is_class) && !callee.starts_with("metaflow.") && !callee.starts_with("inspect.")
}

/// Where names are looked up: the bodies around an expression, innermost first, then its module.
#[derive(Clone)]
struct Place<'a> {
    source: SourceId,
    bodies: Vec<&'a [ast::Stmt]>,
}

struct Search<'r, 'a> {
    followed: &'r Followed<'a>,
    /// Definitions and names that were looked at: by source and offset.
    seen: BTreeSet<(SourceId, u32, String)>,
}

impl<'a> Search<'_, 'a> {
    /// Is there an expression for the name in its class body, or below, that may be a parameter?
    fn is_met_in_class(&mut self, name: &str, member: &Member<'a>) -> bool {
        let class = &member.class;
        let place = Place {
            source: class.source,
            bodies: vec![&class.node.body],
        };
        self.is_bound(name, &class.node.body, &place)
            .or_else(|| {
                let (_, body) = self.followed.module_of(class.source)?;
                let module = Place {
                    source: class.source,
                    bodies: Vec::new(),
                };
                self.is_bound(&format!(".{name}"), body, &module)
            })
            .unwrap_or(false)
    }

    /// Does one of the statements that bind the name lead to a parameter? Nothing where none binds it.
    fn is_bound(&mut self, name: &str, body: &'a [ast::Stmt], place: &Place<'a>) -> Option<bool> {
        let mut bindings = Bindings {
            name,
            found: Vec::new(),
        };
        bindings.visit_body(body);
        let found = bindings.found;
        (!found.is_empty()).then(|| found.into_iter().any(|bound| self.leads(&bound, place)))
    }

    fn leads(&mut self, bound: &Bound<'a>, place: &Place<'a>) -> bool {
        match bound {
            Bound::Value(value) => self.may_be(value, place),
            Bound::Def(def) => self.returns(def, place),
            Bound::Class(class) => class.bases().iter().any(|base| self.may_be(base, place)),
            Bound::Import(is_kind) => *is_kind,
        }
    }

    fn may_be(&mut self, expression: &'a ast::Expr, place: &Place<'a>) -> bool {
        match expression {
            ast::Expr::Name(name) => self.names_one(name.id.as_str(), place),
            ast::Expr::Attribute(attribute) => self.attribute_is(attribute, place),
            ast::Expr::Call(call) => {
                let is_plain = call
                    .func
                    .as_name_expr()
                    .is_some_and(|it| PLAIN.contains(&it.id.as_str()));
                self.may_be(&call.func, place)
                    || !is_plain && call.arguments.args.iter().any(|it| self.is_made_in(it, place))
            }
            ast::Expr::If(choice) => self.may_be(&choice.body, place) || self.may_be(&choice.orelse, place),
            ast::Expr::BoolOp(choice) => choice.values.iter().any(|it| self.may_be(it, place)),
            // An item of a Config is what it holds: `cfg["a"]`.
            ast::Expr::Subscript(item) => {
                !self.is_object(&item.value, place) && self.may_be(&item.value, place)
            }
            ast::Expr::Named(named) => self.may_be(&named.value, place),
            ast::Expr::Starred(starred) => self.may_be(&starred.value, place),
            ast::Expr::List(list) => list.elts.iter().any(|it| self.may_be(it, place)),
            ast::Expr::Tuple(tuple) => tuple.elts.iter().any(|it| self.may_be(it, place)),
            ast::Expr::Dict(dict) => dict.iter_values().any(|it| self.may_be(it, place)),
            ast::Expr::ListComp(comprehension) => self.may_be(&comprehension.elt, place),
            ast::Expr::Generator(comprehension) => self.may_be(&comprehension.elt, place),
            ast::Expr::DictComp(comprehension) => self.may_be(&comprehension.value, place),
            _ => false,
        }
    }

    /// Is it a name that holds a parameter itself, perhaps among others, and not a list of some?
    fn is_object(&self, expression: &ast::Expr, place: &Place<'a>) -> bool {
        let Some(name) = expression.as_name_expr() else {
            return false;
        };
        let module = self.followed.module_of(place.source);
        let bodies = place.bodies.iter().copied().chain(module.map(|(_, body)| body));
        bodies.into_iter().any(|body| {
            let mut bindings = Bindings {
                name: name.id.as_str(),
                found: Vec::new(),
            };
            bindings.visit_body(body);
            let mut found = bindings.found.iter();
            found.any(|bound| matches!(bound, Bound::Value(value) if makes_one(value)))
        })
    }

    /// Is a parameter made within an argument? `sorted([Parameter("a")], key=id)`; `round(config.rate)` makes none.
    fn is_made_in(&mut self, argument: &'a ast::Expr, place: &Place<'a>) -> bool {
        let is_name = matches!(argument, ast::Expr::Name(_) | ast::Expr::Attribute(_));
        !is_name && self.may_be(argument, place)
    }

    fn names_one(&mut self, name: &str, place: &Place<'a>) -> bool {
        for (index, body) in place.bodies.iter().enumerate() {
            let around = Place {
                source: place.source,
                bodies: place.bodies.iter().skip(index).copied().collect(),
            };
            let start = body.first().map_or(0, |first| first.range().start().to_u32());
            if !self.seen.insert((place.source, start, name.to_owned())) {
                continue;
            }
            if let Some(is_one) = self.is_bound(name, body, &around) {
                return is_one;
            }
        }
        let Some((module, body)) = self.followed.module_of(place.source) else {
            return false;
        };
        self.is_one_of_module(name, &module, body)
    }

    fn is_one_of_module(&mut self, name: &str, module: &Module<'a>, body: &'a [ast::Stmt]) -> bool {
        match module.get(name).map(|binding| binding.thing.object) {
            Some(Object::Unknown(_)) => {
                let place = Place {
                    source: module.source,
                    bodies: Vec::new(),
                };
                let is_new = self.seen.insert((module.source, 0, name.to_owned()));
                is_new && self.is_bound(name, body, &place).unwrap_or(false)
            }
            Some(object) => self.is_one(&object),
            None => false,
        }
    }

    fn is_one(&mut self, object: &Object<'a>) -> bool {
        match object {
            Object::External(name) => is_dotted_kind(name),
            Object::Applied(applied) => parameter::kind(applied).is_some(),
            Object::Class(class) => is_kind(self.followed, class),
            Object::Partial(partial) => self.is_one(&partial.callee.object),
            Object::Function(function) => self.function_returns(function),
            Object::List(items) => {
                let items = items.read().map(|items| items.clone()).unwrap_or_default();
                items.iter().any(|item| self.is_one(&item.object))
            }
            Object::Tuple(items) => items.iter().any(|item| self.is_one(&item.object)),
            _ => false,
        }
    }

    fn function_returns(&mut self, function: &Function<'a>) -> bool {
        let place = Place {
            source: function.source,
            bodies: Vec::new(),
        };
        match function.code {
            Code::Def(def) => self.returns(def, &place),
            Code::Lambda(lambda) => self.may_be(&lambda.body, &place),
        }
    }

    /// Does the function return or yield something that may be a parameter?
    fn returns(&mut self, def: &'a ast::StmtFunctionDef, place: &Place<'a>) -> bool {
        let start = def.range.start().to_u32();
        if !self.seen.insert((place.source, start, String::new())) {
            return false;
        }
        let results = Results::of(def);
        let mut bodies: Vec<&'a [ast::Stmt]> = vec![&def.body];
        bodies.extend(&place.bodies);
        let inside = Place {
            source: place.source,
            bodies,
        };
        results
            .returned
            .into_iter()
            .chain(results.yielded)
            .any(|it| self.may_be(it, &inside))
    }

    /// `mf.Parameter`, `params.region`, `Choice.make`, `super().make`.
    fn attribute_is(&mut self, attribute: &'a ast::ExprAttribute, place: &Place<'a>) -> bool {
        let name = attribute.attr.as_str();
        let module = self.followed.module_of(place.source);
        let base = attribute.value.as_name_expr();
        let held = base.and_then(|base| module.as_ref()?.0.get(base.id.as_str()));
        match held.map(|binding| binding.thing.object) {
            Some(Object::External(outer)) => is_dotted_kind(&format!("{outer}.{name}")),
            Some(Object::Module(inner)) => match self.followed.module_of(inner.source) {
                Some((_, body)) => self.is_one_of_module(name, &inner, body),
                None => false,
            },
            Some(Object::Class(class)) => match self.followed.attribute(&class, name) {
                Some(binding) => self.is_one(&binding.thing.object),
                None => false,
            },
            _ if KINDS.contains(&name) => true,
            _ => {
                let body = module.map_or(&[] as &[ast::Stmt], |(_, body)| body);
                let mut methods = Methods {
                    name,
                    found: Vec::new(),
                };
                methods.visit_body(body);
                methods.found.into_iter().any(|def| self.returns(def, place))
            }
        }
    }
}

/// `Config("c")`, `Config("c") if HAS else {}`
fn makes_one(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::Call(call) => match &*call.func {
            ast::Expr::Name(name) => KINDS.contains(&name.id.as_str()),
            ast::Expr::Attribute(attribute) => KINDS.contains(&attribute.attr.as_str()),
            _ => false,
        },
        ast::Expr::If(choice) => makes_one(&choice.body) || makes_one(&choice.orelse),
        ast::Expr::BoolOp(choice) => choice.values.iter().any(makes_one),
        _ => false,
    }
}

/// A statement that binds a name.
enum Bound<'a> {
    Value(&'a ast::Expr),
    Def(&'a ast::StmtFunctionDef),
    Class(&'a ast::StmtClassDef),
    /// Whether one of Metaflow's three classes is imported.
    Import(bool),
}

/// The statements of a body that bind a name, or `.name` of any object.
struct Bindings<'n, 'a> {
    name: &'n str,
    found: Vec<Bound<'a>>,
}

impl<'a> Bindings<'_, 'a> {
    fn is_target(&self, target: &ast::Expr) -> bool {
        match target {
            ast::Expr::Name(name) => name.id.as_str() == self.name,
            ast::Expr::Attribute(attribute) => self.name.strip_prefix('.') == Some(attribute.attr.as_str()),
            ast::Expr::Tuple(tuple) => tuple.elts.iter().any(|it| self.is_target(it)),
            ast::Expr::List(list) => list.elts.iter().any(|it| self.is_target(it)),
            ast::Expr::Starred(starred) => self.is_target(&starred.value),
            _ => false,
        }
    }

    fn bind(&mut self, target: &ast::Expr, value: &'a ast::Expr) {
        if self.is_target(target) {
            self.found.push(Bound::Value(value));
        }
    }

    fn import(&mut self, import: &ast::StmtImportFrom) {
        let module = import.module.as_ref().map_or("", ast::Identifier::as_str);
        let is_metaflow = module.split('.').next() == Some("metaflow") && import.level == 0;
        for alias in &import.names {
            let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            if bound == self.name {
                let is_kind = is_metaflow && KINDS.contains(&alias.name.as_str());
                self.found.push(Bound::Import(is_kind));
            }
        }
    }
}

impl<'a> Visitor<'a> for Bindings<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        match statement {
            ast::Stmt::FunctionDef(def) if def.name.as_str() == self.name => self.found.push(Bound::Def(def)),
            ast::Stmt::ClassDef(class) if class.name.as_str() == self.name => {
                self.found.push(Bound::Class(class));
            }
            ast::Stmt::FunctionDef(_) | ast::Stmt::ClassDef(_) => return,
            ast::Stmt::ImportFrom(import) => self.import(import),
            ast::Stmt::Assign(assign) => {
                let targets = assign.targets.iter();
                targets.for_each(|target| self.bind(target, &assign.value));
            }
            ast::Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.bind(&assign.target, value);
                }
            }
            ast::Stmt::For(each) => self.bind(&each.target, &each.iter),
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a ast::Expr) {
        if let ast::Expr::Named(named) = expression {
            self.bind(&named.target, &named.value);
        }
        visitor::walk_expr(self, expression);
    }
}

/// The `def`s of a name in any class.
struct Methods<'n, 'a> {
    name: &'n str,
    found: Vec<&'a ast::StmtFunctionDef>,
}

impl<'a> Visitor<'a> for Methods<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a ast::Stmt) {
        if let ast::Stmt::ClassDef(class) = statement {
            let methods = class.body.iter().filter_map(|it| it.as_function_def_stmt());
            self.found
                .extend(methods.filter(|def| def.name.as_str() == self.name));
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, _: &'a ast::Expr) {}
}
