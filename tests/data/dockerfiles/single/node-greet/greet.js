const ms = require("ms");

console.log(`GOOD MORNING ${process.env.GREETING_NAME} after ${ms(60000)}`);
