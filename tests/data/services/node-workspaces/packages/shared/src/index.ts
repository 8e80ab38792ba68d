import { nanoid } from "nanoid";
export const greet = (text: string): string => `${text} ${nanoid(4)}`;
