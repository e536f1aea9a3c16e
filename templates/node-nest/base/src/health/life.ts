/** `@Inject(LIFE) private readonly life: Life` */
export const LIFE = Symbol('Life');
