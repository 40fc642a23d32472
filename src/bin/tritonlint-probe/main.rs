//! The helper of `tritonlint`'s probe: it runs one model, and is the only part that links libtorch.
//!
//! It reads a request from standard input and answers on standard output. A model can crash it, loop for
//! ever in it or use up its memory; the linter, which started it, takes each of these for a result.

mod confine;
mod input;
mod output;
#[allow(dead_code, unreachable_pub, reason = "the linter, on the other side, needs the rest")]
#[path = "../../probe/protocol.rs"]
mod protocol;
mod run;
mod version;

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;

use protocol::{Ready, Reply, Request, VERSION};

fn main() -> ExitCode {
    let request = match request() {
        Ok(request) => request,
        Err(error) => {
            let _ =
                writeln!(io::stderr(), "tritonlint-probe is started by tritonlint, which tells it what to do: {error}");
            return ExitCode::from(2);
        }
    };
    end_with_the_parent();
    let libtorch = version::libtorch();
    let device = run::device(request.device);
    let confinement = match confine::confine(request.memory, request.device) {
        Ok(confinement) => confinement,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the model could not be confined: {error}");
            return ExitCode::from(2);
        }
    };
    let mut replies = Replies { token: &request.token };
    let ready = Ready { protocol: VERSION, libtorch, has_every_switch: cfg!(as_the_server), confinement };
    let done = replies.send(&Reply::Ready(ready)).and_then(|()| match device {
        Ok(device) => run::run(&request, device, &mut replies),
        Err(reason) => replies.send(&Reply::NoDevice { reason }),
    });
    // Nobody listens any more: nothing is left to do.
    if done.is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn request() -> Result<Request, String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| error.to_string())?;
    let request: Request = serde_json::from_str(&line).map_err(|error| error.to_string())?;
    if request.protocol != VERSION {
        return Err(format!(
            "it speaks version {} of the protocol and this program version {VERSION}",
            request.protocol
        ));
    }
    Ok(request)
}

/// Ends this process when the linter is gone, however it went: its end of the pipe closes then.
fn end_with_the_parent() {
    std::thread::spawn(|| {
        let _ = io::stdin().lock().read_to_end(&mut Vec::new());
        // The model may be in the middle of anything, so nothing is tidied up.
        std::process::abort();
    });
}

/// Writes the replies.
struct Replies<'t> {
    token: &'t str,
}

impl Replies<'_> {
    fn send(&mut self, reply: &Reply) -> io::Result<()> {
        // A model may have printed half a line.
        let text = format!("\n{} {}\n", self.token, serde_json::to_string(reply)?);
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}
