use crate::diagnostic::Findings;
use crate::edit::{quoted, rename};
use crate::model::{Backend, Model, Resolution};
use crate::rule::{Applicability, Category, Level, Rule};
use crate::schema::backend::{BACKENDS, is_platform, platform_called, platforms};
use crate::schema::{fold, nearest};

pub(super) static RULE: Rule = Rule {
    name: "unknown-platform",
    category: Category::Backend,
    backends: &[],
    level: Level::Error,
    fix: Some(Applicability::Safe),
    page: include_str!("unknown_platform.md"),
    check,
};

fn check(model: Model<'_>, findings: &mut Findings<'_>) {
    let Some(written) = model.config().platform.written() else { return };
    let name = &written.value;
    if name.is_empty() || is_platform(name) {
        return;
    }
    let backend = match model.resolution() {
        Resolution::UnknownPlatform(_) => None,
        // `libtorch` selects the back-end, and is then refused as a platform of it.
        Resolution::Known(backend) => match checked(backend) {
            Some(checked) => Some(checked),
            // Other back-ends take any text here.
            None => return,
        },
        Resolution::UnknownFilename(_) | Resolution::NoModelFile(_) | Resolution::Unreadable => return,
    };
    let finding =
        findings.add(written.span, format!("`{name}` is not a platform that Triton knows")).note(match &backend {
            None => {
                "where `backend` is left out the platform selects it, and the server refuses one that it does not know"
                    .into()
            }
            Some((backend, platforms)) => {
                format!("the back-end `{backend}` takes {} only", listed(platforms.iter().copied()))
            }
        });
    let fits = |platform: &str| backend.as_ref().is_none_or(|(_, platforms)| platforms.contains(&platform));
    match meant(name, model) {
        Some((Meant::Platform(platform), applicability)) if fits(platform) => {
            let replacement = quoted(platform, model.tree().source().slice(written.span));
            finding.did_you_mean(platform, applicability, (written.span, replacement));
        }
        Some((Meant::Backend(meant), applicability)) if backend.is_none() => {
            let finding = finding.help(format!("`{meant}` is a back-end: write `backend: \"{meant}\"`"));
            if let Some(field) = model.tree().field_of(written.node).filter(|_| model.config().backend.is_absent()) {
                let value = quoted(meant, model.tree().source().slice(written.span));
                let edits = [rename(field, "backend"), (written.span, value)];
                finding.fix(applicability, format!("write `backend: \"{meant}\"`"), edits);
            }
        }
        _ => {
            finding.help(match &backend {
                None => format!("platforms are {}; for any other model write `backend`", listed(platforms())),
                Some(_) => "leave `platform` out".to_owned(),
            });
        }
    }
}

/// The name and the platforms of a back-end whose platform the server compares with its list.
pub(super) fn checked(backend: &Backend) -> Option<(&'static str, Vec<&'static str>)> {
    let descriptor = backend.descriptor()?;
    let platforms: Vec<_> = descriptor.platforms().collect();
    (!platforms.is_empty()).then_some((descriptor.name, platforms))
}

pub(super) fn listed(platforms: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = platforms.map(|platform| format!("`{platform}`")).collect();
    names.join(", ")
}

/// What a wrong platform was meant to be.
enum Meant {
    Platform(&'static str),
    Backend(&'static str),
}

/// The name of a framework, and another spelling or one slip, leave no doubt; a similar name does.
fn meant(name: &str, model: Model<'_>) -> Option<(Meant, Applicability)> {
    if let Some(platform) = platform_called(name) {
        let platform = if platform == "pytorch_libtorch" && is_package(model) { "torch_aoti" } else { platform };
        return Some((Meant::Platform(platform), Applicability::Safe));
    }
    let name = fold(name);
    let without_platform = || BACKENDS.iter().filter(|backend| backend.platforms().next().is_none());
    let similar = nearest(&name, platforms().chain(without_platform().map(|backend| backend.name)))?;
    let slips = strsim::damerau_levenshtein(&name, &fold(similar));
    // One letter makes another word of a short one.
    let is_clear = slips == 0 || (slips == 1 && name.len() > 4);
    let applicability = if is_clear { Applicability::Safe } else { Applicability::Unsafe };
    let meant = if is_platform(similar) { Meant::Platform(similar) } else { Meant::Backend(similar) };
    Some((meant, applicability))
}

/// Whether the model is an AOTInductor package and no TorchScript archive.
fn is_package(model: Model<'_>) -> bool {
    let holds = |name: &str| {
        model.versions().iter().any(|version| model.listing().get(&format!("{}/{name}", version.folder)).is_some())
    };
    match model.config().default_model_filename.text() {
        Some("") | None => holds("model.pt2") && !holds("model.pt"),
        Some(filename) => filename.rsplit_once('.').is_some_and(|(_, extension)| extension == "pt2"),
    }
}
