import { greeting } from "@shop/shared";

document.body.textContent = greeting("web");
