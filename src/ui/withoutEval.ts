import * as z from 'zod';

/**
 * The page's content security policy forbids evaluation, which zod tries when a schema is made. It must be told before the
 * first one is, so this is the one import that acts by itself, and stands first.
 */
z.config({ jitless: true });
