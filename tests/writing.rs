//! What `--fix` does to the disk, also where the disk, the system or the user gets in its way: a file is
//! the old one or the new one, never half of either.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a test says why it fails by panicking")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;
use tritonlint::engine::lint;
use tritonlint::fix::{Outcome, fix, write};
use tritonlint::model::Workspace;
use tritonlint::model::load::{Problem, Target, load};
use tritonlint::rule::Applicability;
use tritonlint::settings::Settings;

const BROKEN: &str = "backend = \"python\"\nmax_batch_size: \"8\" # as measured\n";
const FIXED: &str = "backend: \"python\"\nmax_batch_size: 8 # as measured\n";

/// A folder with a model for each name, whose config can be fixed.
fn repository<'n>(names: impl IntoIterator<Item = &'n str>) -> TempDir {
    filled(tempfile::tempdir().expect("a folder"), names)
}

fn filled<'n>(root: TempDir, names: impl IntoIterator<Item = &'n str>) -> TempDir {
    for name in names {
        let model = root.path().join(name);
        fs::create_dir_all(model.join("1")).expect("a folder");
        fs::write(model.join("config.pbtxt"), BROKEN).expect("a file");
    }
    root
}

fn config(root: &TempDir, model: &str) -> PathBuf {
    root.path().join(model).join("config.pbtxt")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file")
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tritonlint"));
    command.arg("check").args(arguments).current_dir(root);
    command
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    command(root, arguments).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A repository on the disk and what fixing would make of it.
fn fixed(path: &Path) -> (Workspace, Outcome) {
    let (before, problems) = load(&[Target::Path(path.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    let outcome = fix(before.clone(), Applicability::Safe, |workspace| lint(workspace, &Settings::default()));
    assert!(!outcome.applied.is_empty());
    (before, outcome)
}

fn reasons(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.reason.as_str()).collect()
}

/// Only root may give files away, and root may write what it likes.
fn is_root() -> bool {
    let probe = tempfile::tempdir().expect("a folder");
    fs::set_permissions(probe.path(), Permissions::from_mode(0o555)).expect("permissions");
    let is_root = fs::write(probe.path().join("x"), "").is_ok();
    fs::set_permissions(probe.path(), Permissions::from_mode(0o755)).expect("permissions");
    is_root
}

#[test]
fn links_permissions_and_owner_are_kept() {
    let root = repository(["store"]);
    let (store, link) = (config(&root, "store"), root.path().join("models/a/config.pbtxt"));
    fs::create_dir_all(root.path().join("models/a")).expect("a folder");
    symlink(&store, &link).expect("a link");
    fs::set_permissions(&store, Permissions::from_mode(0o640)).expect("permissions");
    let owner = if is_root() { 12_345 } else { fs::metadata(&store).expect("a file").uid() };
    std::os::unix::fs::chown(&store, Some(owner), None).expect("an owner");
    let (before, mut outcome) = fixed(&link);
    assert_eq!(reasons(&write(&before, &mut outcome)), Vec::<&str>::new());
    assert!(link.is_symlink());
    assert_eq!(read(&store), FIXED);
    let metadata = fs::metadata(&store).expect("a file");
    assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o640, owner));
    // Another link to the same file has the same fix: it is there already.
    assert_eq!(reasons(&write(&before, &mut outcome)), Vec::<&str>::new());
}

/// Elsewhere it would lead elsewhere, and what is behind it may be there for others.
#[test]
fn what_is_behind_a_link_is_not_moved() {
    let root = repository([]);
    let (models, store) = (root.path().join("models"), root.path().join("store"));
    fs::create_dir_all(&store).expect("a folder");
    for (name, text) in
        [("config.pbtxt", "backend: \"python\"\n"), ("model.py", "class TritonPythonModel:\n    pass\n")]
    {
        fs::write(store.join(name), text).expect("a file");
    }
    for model in ["folder", "config", "model"] {
        fs::create_dir_all(models.join(model)).expect("a folder");
    }
    symlink("../../store", models.join("folder/1")).expect("a link");
    fs::create_dir_all(models.join("config/1")).expect("a folder");
    symlink("../../../store/config.pbtxt", models.join("config/1/config.pbtxt")).expect("a link");
    symlink("../../store/model.py", models.join("model/model.py")).expect("a link");
    fs::write(models.join("model/config.pbtxt"), "backend: \"python\"\n").expect("a file");
    fs::write(root.path().join("tritonlint.toml"), "repository.complete = \"yes\"\n").expect("a file");
    let before = files(root.path());
    let output = run(root.path(), &["models", "--fix", "--unsafe-fixes"]);
    let text = text(&output.stdout);
    assert!(text.contains("misnamed-config-file") && text.contains("missing-version"), "{text}");
    assert_eq!(files(root.path()), before);
}

#[test]
fn what_is_not_silenced_is_not_counted() {
    let root = repository(["a", "b"]);
    let strange = "name: \"other\"\nbackend: \"python\"\n";
    for model in ["a", "b"] {
        fs::write(config(&root, model), strange).expect("a file");
    }
    fs::hard_link(config(&root, "a"), root.path().join("cache")).expect("a link");
    let output = run(root.path(), &["--add-ignore=known"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("silenced 1 finding in 1 file\n") && told.contains("2 hard links"), "{told}");
    assert_eq!(read(&config(&root, "a")), strange);
    assert!(read(&config(&root, "b")).contains("known"));
}

#[test]
fn a_file_that_was_changed_meanwhile_is_not_written() {
    let root = repository(["a", "b"]);
    let (before, mut outcome) = fixed(root.path());
    fs::write(config(&root, "a"), "backend: 'mine'\n").expect("a file");
    assert_eq!(reasons(&write(&before, &mut outcome)), ["not written: the file was changed meanwhile"]);
    assert_eq!(read(&config(&root, "a")), "backend: 'mine'\n");
    assert_eq!(read(&config(&root, "b")), FIXED);
    assert!(outcome.applied.iter().all(|applied| applied.path(&outcome.workspace).ends_with("b/config.pbtxt")));
}

/// Written in place it could be half of either for a moment; replaced it would part from the other.
#[test]
fn a_file_with_two_hard_links_is_left_alone() {
    let root = repository(["a", "b"]);
    let other = root.path().join("cache");
    fs::hard_link(config(&root, "a"), &other).expect("a link");
    let (before, mut outcome) = fixed(root.path());
    let reason = "not written: it has 2 hard links, of which only this one would be fixed; make it a file of its own";
    assert_eq!(reasons(&write(&before, &mut outcome)), [reason]);
    assert_eq!(
        (read(&config(&root, "a")), read(&other), read(&config(&root, "b"))),
        (BROKEN.into(), BROKEN.into(), FIXED.into())
    );
}

#[test]
fn extended_attributes_and_access_lists_are_kept() {
    let root = repository(["a"]);
    let path = config(&root, "a");
    if let Err(error) = xattr::set(&path, "user.origin", b"measured") {
        println!("skipped: {error}");
        return;
    }
    // Version 2; the owner, user 12345, the group, the mask and all others, as in `linux/posix_acl_xattr.h`.
    let entries: [(u16, u16, u32); 5] =
        [(0x01, 6, u32::MAX), (0x02, 4, 12_345), (0x04, 4, u32::MAX), (0x10, 4, u32::MAX), (0x20, 0, u32::MAX)];
    let list = entries
        .iter()
        .flat_map(|(tag, may, id)| [&tag.to_le_bytes()[..], &may.to_le_bytes(), &id.to_le_bytes()].concat());
    let list: Vec<u8> = 2_u32.to_le_bytes().into_iter().chain(list).collect();
    let name = "system.posix_acl_access";
    let has_list = cfg!(target_os = "linux") && xattr::set(&path, name, &list).is_ok();
    let (before, mut outcome) = fixed(root.path());
    assert_eq!(reasons(&write(&before, &mut outcome)), Vec::<&str>::new());
    assert_eq!(read(&path), FIXED);
    assert_eq!(xattr::get(&path, "user.origin").expect("an attribute").as_deref(), Some(&b"measured"[..]));
    if has_list {
        assert_eq!(xattr::get(&path, name).expect("an access list"), Some(list));
    }
}

#[test]
fn a_file_that_is_gone_is_not_made_again() {
    let root = repository(["a"]);
    let (before, mut outcome) = fixed(root.path());
    fs::remove_file(config(&root, "a")).expect("a file");
    assert_eq!(write(&before, &mut outcome).len(), 1);
    assert!(!config(&root, "a").exists());
}

#[test]
fn a_read_only_file_is_left_alone() {
    let root = repository(["a", "b"]);
    fs::set_permissions(config(&root, "a"), Permissions::from_mode(0o444)).expect("permissions");
    let output = run(root.path(), &["--fix"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a/config.pbtxt: not written: the file is read-only"), "{output:?}");
    assert_eq!((read(&config(&root, "a")), read(&config(&root, "b"))), (BROKEN.into(), FIXED.into()));
    // What is still wrong is still reported.
    assert!(text(&output.stdout).contains("wrong-value-type") || text(&output.stdout).contains("invalid-syntax"));
}

#[test]
fn a_read_only_folder_is_left_alone() {
    if is_root() {
        println!("skipped: permissions of folders do not bind root");
        return;
    }
    let root = repository(["a"]);
    let folder = root.path().join("a");
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).expect("permissions");
    let output = run(root.path(), &["--fix"]);
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("permissions");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a/config.pbtxt: not written: "), "{output:?}");
    assert_eq!(read(&config(&root, "a")), BROKEN);
}

/// A limit on the size of files stands in for a disk without room: writing ends with an error half-way.
#[test]
fn a_full_disk_loses_nothing() {
    let root = repository(["a", "b"]);
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let program = env!("CARGO_BIN_EXE_tritonlint");
    let output = Command::new("sh")
        .args(["-c", script, "sh", program, "check", "--fix"])
        .current_dir(root.path())
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    for model in ["a", "b"] {
        assert_eq!(read(&config(&root, model)), BROKEN);
        assert!(text(&output.stderr).contains(&format!("{model}/config.pbtxt: not written: ")), "{output:?}");
        let left = fs::read_dir(root.path().join(model)).expect("a folder").count();
        assert_eq!(left, 2, "something was left behind in {model}");
    }
    assert!(!text(&output.stdout).contains("Fixed"), "{output:?}");
}

/// Ended at any moment, by the system or by Ctrl-C, each file is the old one or the new one.
#[test]
fn ended_at_any_moment_each_file_is_whole() {
    const MODELS: usize = 2000;
    let names: Vec<String> = (0..MODELS).map(|number| format!("model_{number:04}")).collect();
    // In memory, where there is such a place: thousands of files wait long for a disk.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let root = filled(folder, names.iter().map(String::as_str));
    let configs: Vec<PathBuf> = names.iter().map(|name| config(&root, name)).collect();
    // How many are the old one and the new one.
    let count = || {
        let texts: Vec<String> = configs.iter().map(|config| read(config)).collect();
        [BROKEN, FIXED].map(|wanted| texts.iter().filter(|text| *text == wanted).count())
    };
    let mut ended_while_writing = 0;
    // Models are written in their order: once one of them is there, the next ones are being written.
    for (signal, reached) in [("KILL", 0), ("INT", 150), ("KILL", 400), ("INT", 700), ("KILL", 1000), ("INT", 1500)] {
        let mut child =
            command(root.path(), &["--fix"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        while read(&configs[reached]) != FIXED && child.try_wait().expect("it runs").is_none() {
            sleep(Duration::from_millis(1));
        }
        let status = Command::new("kill").args(["-s", signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        status.expect("a signal");
        child.wait().expect("it ends");
        let [old, new] = count();
        assert_eq!(old + new, MODELS, "a file is neither the old nor the new one");
        ended_while_writing += usize::from(old > 0 && new > 0);
    }
    assert!(ended_while_writing > 0, "each run was at its end before it could be ended");
    assert_ne!(run(root.path(), &["--fix"]).status.code(), Some(2));
    assert_eq!(count(), [0, MODELS]);
}

#[test]
fn nothing_on_the_disk_is_fixed_for_a_text_from_standard_input() {
    let root = repository(["a"]);
    fs::rename(root.path().join("a/1"), root.path().join("a/01")).expect("a folder");
    let mut command = command(root.path(), &["-", "--stdin-filename", "a/config.pbtxt", "--fix"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, BROKEN.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stdout), FIXED);
    assert!(!text(&output.stderr).contains("Fixed a: "), "{output:?}");
    assert!(root.path().join("a/01").is_dir());
    assert_eq!(read(&config(&root, "a")), BROKEN);
}

// ---- Patches ------------------------------------------------------------------------------------

fn files(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> =
        walk(root).into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect();
    for (path, _) in &mut found {
        *path = path.strip_prefix(root).expect("below").to_owned();
    }
    found.sort();
    found
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn copied(root: &TempDir) -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files(root.path()) {
        let to = copy.path().join(path);
        fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        fs::write(to, bytes).expect("a file");
    }
    copy
}

const TOOLS: [&[&str]; 2] = [&["git", "apply", "-"], &["patch", "-p1", "--binary", "--no-backup-if-mismatch"]];

/// Has a tool apply a patch in a folder; false if there is no such tool.
fn apply(tool: &[&str], patch: &[u8], folder: &Path) -> bool {
    if Command::new(tool[0]).arg("--version").output().is_err() {
        println!("skipped: no {} here", tool[0]);
        return false;
    }
    let mut child =
        Command::new(tool[0]).args(&tool[1..]).current_dir(folder).stdin(Stdio::piped()).spawn().expect("it runs");
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, patch).expect("it reads");
    drop(input);
    assert!(child.wait().expect("it ends").success(), "{tool:?}: {}", text(patch));
    true
}

/// What `--diff` prints makes of the files what `--fix` makes of them, whoever applies it.
#[test]
fn patch_and_git_apply_what_diff_prints() {
    let names = ["plain", "with blank", "with\nline", "ümläut", "quo\"te", "back\\slash", "tab\there", "deep/er"];
    let root = repository(names);
    fs::write(config(&root, "plain"), BROKEN.trim_end().replace('\n', "\r\n")).expect("a file");
    // A line that is not UTF-8 and holds a carriage return, and one that nothing ends.
    let bytes = [&b"# f\xFCr\r1\n"[..], BROKEN.trim_end().as_bytes(), b" \xFC\r"].concat();
    fs::write(config(&root, "with\nline"), bytes).expect("a file");
    for name in names {
        fs::write(root.path().join(name).join("1/model.json"), "").expect("a file");
    }
    // Files to rename, with and without a text to edit.
    fs::rename(config(&root, "with blank"), root.path().join("with blank/config.pbtext")).expect("a file");
    fs::rename(root.path().join("plain/1"), root.path().join("plain/01")).expect("a folder");
    fs::rename(root.path().join("deep/er/1"), root.path().join("deep/er/02")).expect("a folder");
    let mut diff = run(root.path(), &["--diff"]);
    assert_eq!(diff.status.code(), Some(1), "{diff:?}");
    let by_fix = copied(&root);
    let output = run(by_fix.path(), &["--fix"]);
    assert_ne!(output.status.code(), Some(2), "{output:?}");
    assert_ne!(files(by_fix.path()), files(root.path()));
    assert!(
        by_fix.path().join("plain/1/model.json").exists() && by_fix.path().join("with blank/config.pbtxt").exists()
    );
    for tool in TOOLS {
        let copy = copied(&root);
        if apply(tool, &diff.stdout, copy.path()) {
            assert_eq!(files(copy.path()), files(by_fix.path()), "{tool:?}: {}", text(&diff.stdout));
        }
    }
    diff = run(by_fix.path(), &["--diff"]);
    assert_eq!((diff.status.code(), text(&diff.stdout)), (Some(0), String::new()));
}

/// Neither tool writes through a link: the patch is one of the file that it leads to, once.
#[test]
fn a_patch_is_of_what_links_lead_to() {
    for tool in TOOLS {
        let root = repository(["store/a", "store/b"]);
        let models = root.path().join("models");
        for model in ["one", "two"] {
            fs::create_dir_all(models.join(model)).expect("a folder");
            symlink("../../store/a/config.pbtxt", models.join(model).join("config.pbtxt")).expect("a link");
        }
        symlink("../store/b", models.join("three")).expect("a link");
        let diff = run(root.path(), &["models", "--diff"]);
        if apply(tool, &diff.stdout, root.path()) {
            for model in ["one", "two", "three"] {
                assert_eq!(read(&config(&root, &format!("models/{model}"))), FIXED);
            }
            assert!(models.join("one/config.pbtxt").is_symlink());
        }
    }
}
