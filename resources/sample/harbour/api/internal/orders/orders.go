// Package orders keeps the orders in memory.
package orders

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/go-chi/chi/v5"
)

// Order is one order of the shop.
type Order struct {
	ID    int    `json:"id"`
	Goods string `json:"goods"`
	Crate int    `json:"crate"`
}

// Routes lists and takes orders.
func Routes() http.Handler {
	var mutex sync.Mutex
	orders := []Order{{ID: 1, Goods: "rope", Crate: 12}, {ID: 2, Goods: "lamps", Crate: 3}}
	router := chi.NewRouter()
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(orders)
	})
	router.Post("/", func(w http.ResponseWriter, r *http.Request) {
		var order Order
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		mutex.Lock()
		defer mutex.Unlock()
		order.ID = len(orders) + 1
		orders = append(orders, order)
		w.WriteHeader(http.StatusCreated)
	})
	return router
}
