import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

function Shop() {
  const [items, setItems] = useState([]);
  useEffect(() => {
    fetch("/api/items").then((answer) => answer.json()).then(setItems);
  }, []);
  return <ul>{items.map((item) => <li key={item}>{item}</li>)}</ul>;
}

createRoot(document.getElementById("root")).render(<Shop />);
