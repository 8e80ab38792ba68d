// A web service of a workspace: its greeting comes from the module beside it.
package main

import (
	"fmt"
	"log"
	"net/http"

	"example.com/harbour/shared"
)

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, shared.Greeting())
	})
	log.Print("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
