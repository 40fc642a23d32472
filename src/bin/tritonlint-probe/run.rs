//! The calls.

use std::io;
use std::time::Instant;

use tch::{CModule, Device, IValue, TchError, jit};

use crate::Replies;
use crate::input::Inputs;
use crate::output::{Fault, outputs};
use crate::protocol::{Binding, Loading, Reply, Request, Switches};

/// Loads the model and makes the calls, telling each.
pub(crate) fn run(request: &Request, replies: &mut Replies<'_>) -> io::Result<()> {
    tch::set_num_threads(i32::try_from(request.threads).unwrap_or(1));
    // The server's inference mode is not among what tch offers; without gradients is what comes nearest.
    let _guard = tch::no_grad_guard();
    let load = || switch(request.switches).and_then(|()| CModule::load_on_device(&request.model, Device::Cpu));
    let mut module = match load() {
        Ok(module) => module,
        Err(error) => return replies.send(&Reply::LoadFailed { error: words(&error) }),
    };
    replies.send(&Reply::Loaded)?;
    let inputs = match Inputs::new(&request.samples, request.buffers) {
        Ok(inputs) => inputs,
        Err(error) => return replies.send(&Reply::LoadFailed { error: words(&error) }),
    };
    for (call, sample) in request.calls.iter().enumerate() {
        if call > 0 && request.loading == Loading::EachCall {
            module = match load() {
                Ok(module) => module,
                Err(error) => return replies.send(&Reply::LoadFailed { error: words(&error) }),
            };
        }
        let reply = match inputs.arguments(*sample) {
            Ok(arguments) => {
                // Other random numbers for each call, so that the same input twice shows a model that draws some.
                tch::manual_seed(i64::try_from(call).unwrap_or_default());
                reply(&module, &bound(arguments, request, *sample), request.switches)
            }
            Err(error) => Reply::Failed { micros: 0, error: words(&error) },
        };
        replies.send(&reply)?;
    }
    replies.send(&Reply::Done)
}

/// The back-end sets these before every call (`Execute`); one that is not set stays libtorch's default.
fn switch(switches: Switches) -> Result<(), TchError> {
    jit::f_set_graph_executor_optimize(switches.optimized)?;
    if let Some(enabled) = switches.profiling {
        jit::f_set_profiling_mode(enabled)?;
    }
    if let Some(enabled) = switches.tensor_fuser {
        jit::f_set_tensor_expr_fuser_enabled(enabled)?;
    }
    Ok(())
}

fn bound(arguments: Vec<IValue>, request: &Request, sample: usize) -> Vec<IValue> {
    match request.binding {
        Binding::Positional => arguments,
        Binding::Dictionary => {
            let names = request.samples[sample].iter().map(|input| IValue::String(input.name.clone()));
            vec![IValue::GenericDict(names.zip(arguments).collect())]
        }
    }
}

fn reply(module: &CModule, arguments: &[IValue], switches: Switches) -> Reply {
    if let Err(error) = switch(switches) {
        return Reply::Failed { micros: 0, error: words(&error) };
    }
    let start = Instant::now();
    let result = module.forward_is(arguments);
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    match result.map_err(Fault::Torch).and_then(outputs) {
        Ok(outputs) => Reply::Called { micros, outputs },
        Err(Fault::Unsupported(error)) => Reply::Unsupported { error },
        Err(Fault::Torch(error)) => Reply::Failed { micros, error: words(&error) },
    }
}

/// What libtorch says; its first words if it says a book.
fn words(error: &TchError) -> String {
    const LONGEST: usize = 4096;
    let text = match error {
        TchError::Torch(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().take(LONGEST).collect()
}
