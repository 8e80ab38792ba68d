import { Controller, Get } from "@nestjs/common";

@Controller("health")
export class HealthController {
  @Get()
  check() {
    return { status: "ok", currency: process.env.BILLING_CURRENCY };
  }
}
