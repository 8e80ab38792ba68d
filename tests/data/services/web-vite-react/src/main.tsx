import { createRoot } from "react-dom/client";

const api = import.meta.env.VITE_API_URL ?? "/api";

function Board() {
  return <h1>Ships of {api}</h1>;
}

createRoot(document.getElementById("root")!).render(<Board />);
