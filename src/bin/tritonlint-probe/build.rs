//! Compiles what the helper adds to tch and lets the linker put it there; nothing unless the helper is built.

fn main() {
    println!("cargo::rerun-if-changed=src/bin/tritonlint-probe/build.rs");
    println!("cargo::rustc-check-cfg=cfg(as_the_server)");
    #[cfg(feature = "probe")]
    helper::build();
}

#[cfg(feature = "probe")]
#[allow(clippy::expect_used, reason = "a build script says why it fails by panicking")]
mod helper {
    use std::env;
    use std::path::{Path, PathBuf};

    const SOURCE: &str = include_str!("as_the_server.cc");

    /// The functions of tch's C++ side that the source has others for.
    const WRAPPED: [&str; 2] = ["atm_load_on_device", "atm_forward_"];

    pub(crate) fn build() {
        println!("cargo::rerun-if-env-changed=LIBTORCH");
        println!("cargo::rerun-if-env-changed=LIBTORCH_INCLUDE");
        println!("cargo::rerun-if-env-changed=LIBTORCH_CXX11_ABI");
        // Other linkers have no `--wrap`. There the helper does without, and says so.
        if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
            link(&compiled(&include()));
        }
    }

    /// Where libtorch's headers are: torch-sys looks in the same places first.
    fn include() -> PathBuf {
        let folder = |name: &str| env::var_os(name).map(PathBuf::from);
        let include = folder("LIBTORCH_INCLUDE").or_else(|| folder("LIBTORCH"));
        include.expect("LIBTORCH names the folder of libtorch").join("include")
    }

    fn compiled(include: &Path) -> Vec<PathBuf> {
        let source = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it")).join("as_the_server.cc");
        std::fs::write(&source, SOURCE).expect("the folder for what is built can be written");
        // The string type has to be that of libtorch.
        let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".into());
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .warnings(false)
            .include(include)
            .define("_GLIBCXX_USE_CXX11_ABI", abi.as_str())
            .file(source)
            .compile_intermediates()
    }

    fn link(objects: &[PathBuf]) {
        for object in objects {
            println!("cargo::rustc-link-arg-bin=tritonlint-probe={}", object.display());
        }
        for function in WRAPPED {
            println!("cargo::rustc-link-arg-bin=tritonlint-probe=-Wl,--wrap={function}");
        }
        println!("cargo::rustc-cfg=as_the_server");
    }
}
