//! The orders there are.

use axum::Json;
use serde::Serialize;

#[derive(Serialize)]
pub struct Order {
    id: u32,
    item: &'static str,
}

pub async fn all() -> Json<Vec<Order>> {
    Json(vec![Order { id: 1, item: "tea" }, Order { id: 2, item: "bread" }])
}
