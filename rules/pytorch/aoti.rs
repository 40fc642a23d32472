//! What servers of older releases do not do for models of the platform `torch_aoti`.

use crate::model::{Backend, Model, PyTorchRuntime};
use crate::schema::Release;

/// The first release whose back-end gives each request its part of a batch, and has sequences (`pytorch_backend` pull
/// request 196, `src/pt2/model_instance_state.cc`).
pub(super) const SINCE: Release = Release::constant("26.06");

/// The release of the server, if it is known to be older and the model is one of those.
pub(super) fn older_server(model: Model<'_>) -> Option<Release> {
    let is_aoti = model.resolution().backend() == Some(&Backend::PyTorch(PyTorchRuntime::Aoti));
    model.server().version.filter(|server| is_aoti && *server < SINCE)
}
