/** Stylesheets are bundled into `dist/ui.css`. */
declare module '*.css';
