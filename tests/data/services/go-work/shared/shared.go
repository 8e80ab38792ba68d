package shared

func Greeting() string { return "ok from the other module" }
