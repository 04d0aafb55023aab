//! Query parameters, read into a type: what is repeated or unknown is refused, not passed over.

use std::marker::PhantomData;

use salvo::{
    Depot, Extractible, Request, Writer,
    extract::Metadata,
    oapi::{Components, EndpointArgRegister, Operation, ToParameters},
};
use serde::de::DeserializeOwned;

use crate::error::{Problem, Refusal};

/// The query, read into `T`; what is wrong with it is told as `E`.
pub struct Query<T, E = Problem>(pub T, PhantomData<E>);

impl<'ex, T, E> Extractible<'ex> for Query<T, E>
where
    T: DeserializeOwned + Send,
    E: From<Refusal> + Writer + Send + std::fmt::Debug + 'static,
{
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, E> {
        Ok(Self(read(req).map_err(E::from)?, PhantomData))
    }
}

fn read<T: DeserializeOwned>(req: &mut Request) -> Result<T, Refusal> {
    if let Some((name, _)) = req.queries().iter_all().find(|(_, values)| values.len() > 1) {
        let name: String = name.chars().take(64).collect();
        return Err(Refusal::Malformed(format!("the parameter {name} is there more than once")));
    }
    req.parse_queries().map_err(|error| Refusal::Malformed(format!("the query: {error}")))
}

impl<'ex, T: ToParameters<'ex>, E> EndpointArgRegister for Query<T, E> {
    fn register(components: &mut Components, operation: &mut Operation, _: &str) {
        for parameter in T::to_parameters(components) {
            operation.parameters.insert(parameter);
        }
    }
}
