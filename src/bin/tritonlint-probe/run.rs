//! The calls.

use std::io;
use std::time::Instant;

use tch::{CModule, Cuda, Device, IValue, Kind, TchError, Tensor, jit};

use crate::Replies;
use crate::input::Inputs;
use crate::output::{Fault, outputs};
use crate::protocol::{self, Binding, Loading, Reply, Request, Switches};

/// Loads the model and makes the calls, telling each.
pub(crate) fn run(request: &Request, device: Device, replies: &mut Replies<'_>) -> io::Result<()> {
    tch::set_num_threads(i32::try_from(request.threads).unwrap_or(1));
    // The server's inference mode comes with each load and call, by way of the linker.
    let _guard = tch::no_grad_guard();
    Cuda::set_user_enabled_cudnn(request.switches.cudnn);
    let load = || switch(request.switches).and_then(|()| CModule::load_on_device(&request.model, device));
    let mut module = match load() {
        Ok(module) => module,
        Err(error) => return replies.send(&Reply::LoadFailed { error: words(&error) }),
    };
    replies.send(&Reply::Loaded)?;
    let inputs = match Inputs::new(&request.samples, request.buffers, device) {
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
                reply(&module, &bound(arguments, request, *sample), request.switches, device)
            }
            Err(error) => Reply::Failed { micros: 0, error: words(&error) },
        };
        replies.send(&reply)?;
    }
    replies.send(&Reply::Done)
}

/// The device, ready for use, if it is there. CUDA opens what it needs of the system now, before the model is
/// confined.
pub(crate) fn device(wanted: protocol::Device) -> Result<Device, String> {
    let protocol::Device::Cuda(number) = wanted else { return Ok(Device::Cpu) };
    if !Cuda::is_available() {
        return Err("libtorch finds no CUDA here: it has no CUDA half, or there is no driver, or no GPU".into());
    }
    let count = Cuda::device_count();
    if i64::from(number) >= count {
        return Err(format!("there is no GPU {number}: they are numbered from 0, and there are {count}"));
    }
    let device = Device::Cuda(usize::try_from(number).unwrap_or_default());
    Tensor::f_zeros([1], (Kind::Float, device)).and_then(|_| synchronized(device)).map_err(|error| words(&error))?;
    Ok(device)
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

fn reply(module: &CModule, arguments: &[IValue], switches: Switches, device: Device) -> Reply {
    if let Err(error) = switch(switches) {
        return Reply::Failed { micros: 0, error: words(&error) };
    }
    let start = Instant::now();
    let result = module.forward_is(arguments).and_then(|value| synchronized(device).map(|()| value));
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    match result.map_err(Fault::Torch).and_then(outputs) {
        Ok(outputs) => Reply::Called { micros, outputs },
        Err(Fault::Unsupported(error)) => Reply::Unsupported { error },
        Err(Fault::Torch(error)) => Reply::Failed { micros, error: words(&error) },
    }
}

/// Waits for the GPU: what goes wrong there is only heard of then.
fn synchronized(device: Device) -> Result<(), TchError> {
    let Device::Cuda(number) = device else { return Ok(()) };
    let number = i64::try_from(number).unwrap_or_default();
    // tch has this only as a function that panics.
    std::panic::catch_unwind(|| Cuda::synchronize(number)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        TchError::Torch(text.unwrap_or_else(|| "the GPU failed".into()))
    })
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
